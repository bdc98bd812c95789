# gen.mk: rows for the tables of glibc's builds (they are part of the sources).
#
#	make glibc-layout LIBC=/PATH/libc.so.6 [DEBUG=FILE-OR-TREE]
#	                         adds the layout of any build, or says which one it has (wants libdw-dev)
#	make glibc-layout DEB=libc6_VERSION_ARCH.deb [DBG=libc6-dbg_VERSION_ARCH.deb]
#	                         adds a build of Debian's; says which layout it has
#	make glibc-layouts       adds every build that Debian's suites have
#
# The tables are those of $(ARCH), which need not be this machine.

GLIBC_GEN := ldso/libc/glibc/gen
GLIBC_SUITES := bullseye bullseye-updates bullseye-security \
	bookworm bookworm-updates bookworm-proposed-updates bookworm-security \
	trixie trixie-updates trixie-security forky sid experimental
HOSTCC ?= cc

GLIBC_FACTS := build/$(ARCH)/glibc-layout

$(GLIBC_FACTS): $(wildcard $(GLIBC_GEN)/*.[ch] $(GLIBC)/*.def) ldso/libc/glibc/layout.h
	@mkdir -p $(@D)
	$(HOSTCC) -D_GNU_SOURCE -std=c11 -O2 -g -Wall -Wextra -Werror -Ildso -iquote $(GLIBC) \
		-o $@ $(filter %.c,$^) -ldw -lelf

glibc-layout: $(GLIBC_FACTS)
	@MACHINE=$(ARCH) $(GLIBC_GEN)/table.sh $(if $(LIBC)$(filter-out command,$(firstword $(origin DEB))), \
		libc "$(LIBC)" "$(DEBUG)",deb "$(DEB)" $(if $(DBG),"$(DBG)"))

glibc-layouts: $(GLIBC_FACTS)
	@MACHINE=$(ARCH) $(GLIBC_GEN)/table.sh suites $(GLIBC_SUITES)

.PHONY: glibc-layout glibc-layouts
