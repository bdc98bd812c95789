# tests.mk: setting up, building for every machine, and running every test.  Each target may be
# asked for by itself; `make test` ends with one line "N passed, N failed, N skipped" over all.

TEST_MACHINES := x86_64 aarch64 riscv64
TEST_LOADERS := $(TEST_MACHINES:%=test-loader-%)

# Every stage, or what RUN names, e.g. RUN=tls-dlopen, RUN=unit:store, RUN="faults cache"; OPTIONS go to
# the commands of the stages.  tests/run/stages.py says how they are understood, tests/README.md how
# they are used.
test: test-setup
	@MAKE='$(MAKE)' tests/run/stages.py --options="$(OPTIONS)" $(RUN)

test-setup:
	@tests/setup.sh test

test-loaders: all $(TEST_LOADERS)

$(TEST_LOADERS): test-loader-%:
	@$(MAKE) --no-print-directory ARCH=$*

# The other compiler accepts it too, and what it makes starts.
test-clang:
	@for machine in $(TEST_MACHINES); do \
		$(MAKE) --no-print-directory ARCH=$$machine CC="clang --target=$$machine-linux-gnu" \
			B=build/clang-$$machine build/clang-$$machine/myld.so || exit 1; \
	done
	@build/clang-$(HOST)/myld.so --version

test-unit: test-setup
	@tests/run/unit.py

# Which functions of the loader the unit tests and the fuzzing targets enter; those that neither enters
# have to be explained in tests/run/coverage.txt.
coverage: test-setup
	@tests/run/coverage.py $(OPTIONS)

test-run: test-setup
	@$(MAKE) --no-print-directory test-loaders
	@tests/run/run.py $(or $(OPTIONS),--matrix)

# The loader does without the folder that remembers starts.
test-no-cache: test-setup
	@$(MAKE) --no-print-directory CACHE=no
	@tests/run/run.py --machine $(HOST) --no-cache

# A loader that knows the layouts of glibc that are in the table of this folder (tests/run/learn.py).
build/learn/%/myld.so: $(B)/myld.so build/learn/%/layouts.def build/learn/%/builds.def ldso/libc/glibc/tables.c
	$(Q)$(CC) -iquote $(@D) $(CPPFLAGS) $(CFLAGS) -g0 -c -o $(@D)/tables.o ldso/libc/glibc/tables.c
	$(Q)$(CC) $(LDFLAGS) -s -o $@ $(filter-out %/glibc/tables.o,$(OBJECTS)) $(@D)/tables.o -lgcc

# Busybox, dash, lua, sqlite3, minigzip and sass, built once from Debian's sources (minutes).
test-apps: all
	@tests/programs/apps.py

# All fixtures and some programs with glibcs that are built here as no Debian package is (the first time, an
# hour).  The stage "builds" of the whole test takes a sample of it with those that are there.
test-foreign-builds: test-setup test-loader-x86_64 test-loader-aarch64
	@tests/builds/check.py --make --every $(OPTIONS)

# The machine's own programs, against its own loader.
test-system: test-setup all
	@tests/programs/system.py

# Every one of them with --version.
parity: test-setup all
	@tests/programs/parity.py

# A whole Debian with the loader in ld-linux's place, beside one with its own: apt, builds, users, the tests of
# CPython, perl, bash and gdb, programs that watch others, a boot (half an hour to two hours; OPTIONS="--suite trixie",
# "--machine aarch64", or names of parts).
test-debian: test-setup all
	@tests/setup.sh debian
	@tests/debian/debian.py $(OPTIONS)

# Firefox draws a page, 20 times (OPTIONS="--runs 5").
test-browser: test-setup all
	@tests/setup.sh browser
	@tests/programs/browser.py $(OPTIONS)

# The real programs against every version of musl that Debian has; prints README's table.  Then the
# fixtures against every version of glibc, whose table is in docs/libcs.md.
matrix: test-setup all
	@tests/programs/build.sh
	@tests/matrix/musl.py
	@tests/matrix/glibc.py

# glibc's own test suite, from Debian's source, with its ld.so and with myld.so in that one's place
# (long to build and to run; not a part of `make test`).  GLIBC_VERSION=2.41 (2.36, 2.41, 2.43),
# ONLY="elf/tst-tls1 ..." runs some of them.
test-glibc: test-setup all
	@tests/glibc/suite.py $(GLIBC_VERSION:%=--glibc %) $(ONLY)

# What is left in the loader after linking: no relocations but RELATIVE (it relocates itself before
# it could do more), the exported symbols of the list and no others, no vector registers in C code.
# And the messages of the manual page.
check-self: test-loaders
	@for machine in $(TEST_MACHINES); do tests/run/checkself.py $$machine && \
		tests/run/checklayers.py $$machine || exit 1; done
	@tests/run/manual.py

.PHONY: test test-glibc coverage matrix parity test-system test-debian test-browser test-clang test-setup test-loaders test-unit test-run test-no-cache test-apps check-self $(TEST_LOADERS)
