// What is thrown, and through whom.
#pragma once
#include <stdexcept>
#include <string>

struct failure : std::runtime_error {
	int depth;
	failure(int d, const std::string &what) : std::runtime_error(what), depth(d)
	{
	}
};

using step = void (*)(int);
extern "C" void descend(int depth, step next);
