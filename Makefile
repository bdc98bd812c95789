# myld.so: a userspace ELF dynamic loader.
#
#	make                     builds ./myld.so for this machine
#	                         (V=1 shows the commands, CC=clang is fine)
#	make ARCH=aarch64        builds build/aarch64/myld.so (x86_64, aarch64, riscv64)
#	make CACHE=no            builds build/ARCH-nocache/myld.so, which remembers no starts
#	make run                 installs what is missing (Debian, as root), builds, runs bash, python3 and
#	                         a musl program
#	make test                the same, then every test (RUN=tls-dlopen, RUN=unit:store or RUN=STAGE: a
#	                         part of it; tests/README.md)
#	make matrix              real programs against every musl in Debian, the fixtures with every glibc
#	make test-glibc          glibc's own test suite with its ld.so and with this one (tests/README.md)
#	make test-debian         a whole Debian with the loader in ld-linux's place (tests/README.md)
#	make parity              every program of the machine with --version, beside its own ld.so
#	make glibc-layout LIBC=/PATH/libc.so.6 [DEBUG=/usr/lib/debug]
#	                         the layout of one more build of glibc
#	make coverage            what the unit tests and the fuzzing targets enter of the loader
#	make check-self          what is left of relocations, exports and vector registers in myld.so
#	make bench               start-up time beside other loaders and the floors (QUICK=1: a part of
#	                         it; tests/bench/bench.mk has more)
#	make install DESTDIR= PREFIX=/usr/local
#	make install-debug, make uninstall, make deb (docs/package/)

HOST := $(shell uname -m)
ARCH ?= $(HOST)
PREFIX ?= /usr/local
Q := $(if $(V),,@)
# CACHE=no leaves out what remembers starts (ldso/cache/).
NOCACHE := $(filter no,$(CACHE))
B := build/$(ARCH)$(if $(NOCACHE),-nocache)

# The cross compiler's prefix; clang is told the machine by --target.
TRIPLE := $(ARCH)-linux-gnu
ifeq ($(ARCH),$(HOST))
CROSS :=
else
CROSS := $(TRIPLE)-
endif
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
READELF := $(CROSS)readelf
OBJDUMP := $(CROSS)objdump

ARCHFLAGS_x86_64 := -mgeneral-regs-only
ARCHFLAGS_aarch64 := -mgeneral-regs-only -mno-outline-atomics
ARCHFLAGS_riscv64 :=

CPPFLAGS = -Ildso -Ildso/arch/$(ARCH) $(GLIBC:%=-iquote %) -I. -include ldso/base/hidden.h
CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Werror -fPIC -ffreestanding -fno-stack-protector \
	-fasynchronous-unwind-tables -ffunction-sections -fdata-sections \
	-fno-strict-aliasing $(ARCHFLAGS_$(ARCH))
# In the system's place the linker writes this name into programs: it is the one that they know.
SONAME_x86_64 := ld-linux-x86-64.so.2
SONAME_aarch64 := ld-linux-aarch64.so.1
SONAME_riscv64 := ld-linux-riscv64-lp64d.so.1
SONAME := $(or $(SONAME_$(ARCH)),myld.so.1)
LDFLAGS := -nostdlib -shared -Wl,-e,_start -Wl,--hash-style=both -Wl,-z,defs,-z,now,-z,relro,-z,text \
	-Wl,-z,noexecstack,-z,noseparate-code -Wl,-soname,$(SONAME) -Wl,--version-script=$(B)/exports.map \
	-Wl,--gc-sections -Wl,--build-id=sha1 -Wl,--eh-frame-hdr

# The folders of ldso/ in the order of their layers; docs/design.md says what each is for.
# Auditors are there for the machines that have the assembly for them.
AUDIT := $(wildcard ldso/arch/$(ARCH)/audit.S)
ROOMS := base memory state object symbol tls search load reloc $(if $(NOCACHE),,cache) init dl $(if $(AUDIT),audit) libc cli
# glibc is known on the machines that have a folder for it.
GLIBC := $(wildcard ldso/libc/glibc/$(ARCH))
SOURCES := ldso/boot.c ldso/main.c $(if $(AUDIT),,ldso/noaudit.c) \
	$(if $(NOCACHE),ldso/nocache.c,$(wildcard ldso/cli/cache/*.c)) \
	$(wildcard $(ROOMS:%=ldso/%/*.c) ldso/arch/$(ARCH)/*.c ldso/libc/musl/*.c vm/*.c) \
	$(if $(GLIBC),$(wildcard ldso/libc/glibc/*.c $(GLIBC)/*.c $(GLIBC)/learn/*.c))
EXPORTS := ldso/exports.map $(if $(GLIBC),$(GLIBC)/exports.map,ldso/exports-plain.map)
ASM := $(wildcard ldso/arch/$(ARCH)/*.S)
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(ASM:%.S=$(B)/%.o)
# In the file, code and variables that each start touches come first, so that they share pages; then what
# only some starts or calls need.
LEARNING := $(filter $(B)/$(GLIBC)/learn/%,$(OBJECTS))
RARE := $(foreach room,cache audit libc/glibc dl cli,$(filter $(B)/ldso/$(room)/%,$(OBJECTS)))
LINKED := $(filter-out $(RARE),$(OBJECTS)) $(filter-out $(LEARNING),$(RARE)) $(LEARNING)

ifeq ($(ARCH)$(NOCACHE),$(HOST))
all: myld.so
else
all: $(B)/myld.so
endif

myld.so: $(B)/myld.so
	@ln -sf $< $@

$(B)/exports.map: $(EXPORTS)
	@mkdir -p $(@D)
	@cat $^ >$@

$(B)/myld.so: $(OBJECTS) $(B)/exports.map
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(LINKED) -lgcc

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.S Makefile
	@mkdir -p $(@D)
	@echo "  AS   $<"
	$(Q)$(CC) -Ildso -Ildso/arch/$(ARCH) -g -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

clean:
	rm -rf build/$(ARCH) myld.so

# Programs of two libcs under one loader: the machine's own bash and python3, which must not have
# ld-linux mapped, and busybox, built from Debian's source as a dynamic musl program.
run:
	@tests/setup.sh run
	@$(MAKE) --no-print-directory myld.so
	@tests/programs/build.sh busybox
ifneq ($(GLIBC),)
	./myld.so --keep-exe /bin/bash -c 'maps=$$(</proc/self/maps); [[ $$maps = *myld.so* && $$maps != *ld-linux* ]] && \
		echo "bash $$BASH_VERSION: glibc, no ld-linux mapped"'
	./myld.so --keep-exe /usr/bin/python3 -c 'import ssl, sys; maps = open("/proc/self/maps").read(); \
		assert "myld.so" in maps and "ld-linux" not in maps; \
		print("python", sys.version.split()[0], ssl.OPENSSL_VERSION + ": glibc, no ld-linux mapped")'
endif
	./myld.so build/apps/busybox/busybox sh -c 'echo "hello from $$0: musl"; uname -sm; seq 10 | sort -rn | head -n 3'

-include tests/tests.mk
-include tests/bench/bench.mk
include ldso/libc/glibc/gen/gen.mk
include docs/package/package.mk

.PHONY: all clean run
.DELETE_ON_ERROR:
