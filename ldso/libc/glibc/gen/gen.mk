# gen.mk: the tables of glibc's builds, ldso/libc/glibc/layouts/ (they are part of the sources).
#
#	make glibc-layout DEB=libc6_VERSION_ARCH.deb [DBG=libc6-dbg_VERSION_ARCH.deb]
#	                         writes the table of one build (wants libdw-dev)
#	make glibc-layouts       those of every build that Debian's suites have

GLIBC_GEN := ldso/libc/glibc/gen
GLIBC_SUITES := bullseye bullseye-updates bullseye-security \
	bookworm bookworm-updates bookworm-proposed-updates bookworm-security \
	trixie trixie-updates trixie-security forky sid experimental
HOSTCC ?= cc

build/glibc-layout: $(wildcard $(GLIBC_GEN)/*.[ch]) ldso/libc/glibc/layout.h
	@mkdir -p $(@D)
	$(HOSTCC) -D_GNU_SOURCE -std=c11 -O2 -g -Wall -Wextra -Werror -o $@ $(filter %.c,$^) -ldw -lelf

glibc-layout: build/glibc-layout
	@$(GLIBC_GEN)/table.sh deb "$(DEB)" $(if $(DBG),"$(DBG)")

glibc-layouts: build/glibc-layout
	@$(GLIBC_GEN)/table.sh suites $(GLIBC_SUITES)

.PHONY: glibc-layout glibc-layouts
