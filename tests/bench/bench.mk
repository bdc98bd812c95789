# bench.mk: measurements. All of them are ratios of interleaved runs: other work on the machine makes
# them noisier, not wrong.
#
#	make bench               starts of real and generated programs, and what the loader's functions
#	                         cost inside; writes docs/benchmarks.md, the chart, and the table in
#	                         docs/performance.md (half an hour; QUICK=1 takes some rows, half a
#	                         minute, and only prints)
#	make bench-docs          writes the same documents again from the last full run's figures
#	make bench-inside        what the loader's functions cost in a running program, alone
#	make bench-vm            the registry's own benchmark

bench: bench-setup
	@tests/programs/build.sh busybox
	@tests/bench/bench.py $(if $(QUICK),--quick,--docs)

bench-docs:
	@tests/bench/report.py --docs

bench-inside: bench-setup
	@tests/bench/inside.py

bench-setup:
	@tests/setup.sh bench
	@$(MAKE) --no-print-directory myld.so

# The registry: list, tree and cache, from 2 areas to 100,000.
bench-vm: build/vm_bench
	build/vm_bench $(foreach t,$(wildcard tests/bench/traces/*.trace),$(t:.trace=.maps) $t)

build/vm_bench: tests/bench/vm_bench.c build/std_map.o $(wildcard vm/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -I. -o $@ $(filter %.c %.o,$^) -lstdc++

build/std_map.o: tests/bench/std_map.cc
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 -Wall -Wextra -c -o $@ $<

.PHONY: bench bench-docs bench-inside bench-setup bench-vm
