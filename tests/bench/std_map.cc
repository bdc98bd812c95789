// std_map.cc: the yardstick of vm_bench.c: areas in a std::map by their start, found by
// upper_bound(), as a C++ program would keep them.
#include <cstddef>
#include <cstdint>
#include <map>

struct area {
	uintptr_t end;
	void *what;
};

static std::map<uintptr_t, area> areas;

extern "C" void map_clear()
{
	areas.clear();
}

extern "C" void map_add(uintptr_t start, uintptr_t end, void *what)
{
	areas[start] = {end, what};
}

extern "C" void *map_find(uintptr_t addr)
{
	auto it = areas.upper_bound(addr);

	if (it == areas.begin())
		return nullptr;
	--it;
	return addr < it->second.end ? it->second.what : nullptr;
}
