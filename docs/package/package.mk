# package.mk: installing, and Debian's package.
#
#	make install       [DESTDIR=] [PREFIX=/usr/local]
#	make install-debug the loader's debugging information, which gdb finds with PREFIX=/usr
#	make uninstall     [DESTDIR=] [PREFIX=/usr/local]   both
#	make deb           build/myld_VERSION_ARCH.deb, for the machine ARCH
#
# No file of the system's own ld.so is touched: docs/package/README.md says how an image gets the
# loader in that place.

VERSION := $(shell sed -n 's/.*MYLD_VERSION "\(.*\)"/\1/p' ldso/state/config.h)
DEB_ARCH_x86_64 := amd64
DEB_ARCH_aarch64 := arm64
DEB_ARCH := $(or $(DEB_ARCH_$(ARCH)),$(ARCH))
DEB := build/myld_$(VERSION)_$(DEB_ARCH).deb
STRIP := $(CROSS)strip

ROOT = $(DESTDIR)$(PREFIX)
INSTALLED = lib/myld/myld.so bin/myld share/man/man8/myld.so.8 share/man/man1/myld.1 \
	share/bash-completion/completions/myld share/zsh/vendor-completions/_myld

# Only what is exported keeps its name, as in ld.so: with the others, a debugger's "break find" would stop in
# the loader's function as well as in the program's.  But valgrind does not start without strlen of an
# ld.so by name, and reports reads past a string's end in those that it does not find.
STRING_FUNCTIONS = memcmp memcpy memmove memset strchr strcmp strlen strncmp strnlen strrchr

install: $(B)/myld.so
	install -D -m 755 $< $(ROOT)/lib/myld/myld.so
	$(STRIP) --strip-debug --discard-all $(STRING_FUNCTIONS:%=-K %) $(ROOT)/lib/myld/myld.so
	install -d $(ROOT)/bin
	ln -sf ../lib/myld/myld.so $(ROOT)/bin/myld
	install -D -m 644 docs/myld.so.8 $(ROOT)/share/man/man8/myld.so.8
	install -D -m 644 docs/package/myld.1 $(ROOT)/share/man/man1/myld.1
	install -D -m 644 docs/package/completion.bash $(ROOT)/share/bash-completion/completions/myld
	install -D -m 644 docs/package/completion.zsh $(ROOT)/share/zsh/vendor-completions/_myld

# Under the name of the loader's build-id.
BUILD_ID = $$($(CROSS)readelf -n $(B)/myld.so | sed -n 's|.*Build ID: \(..\)|\1/|p')

install-debug: $(B)/myld.so
	install -d $(ROOT)/lib/debug/.build-id
	id=$(BUILD_ID); install -d $(ROOT)/lib/debug/.build-id/$${id%/*} && \
		$(CROSS)objcopy --only-keep-debug $< $(ROOT)/lib/debug/.build-id/$$id.debug

uninstall:
	rm -f $(INSTALLED:%=$(ROOT)/%)
	-[ ! -e $(B)/myld.so ] || rm -f $(ROOT)/lib/debug/.build-id/$(BUILD_ID).debug
	-rmdir $(ROOT)/lib/myld

deb: $(DEB)

$(DEB): $(B)/myld.so $(wildcard docs/package/*) docs/myld.so.8
	@rm -rf $(B)/deb
	@$(MAKE) --no-print-directory install DESTDIR=$(B)/deb PREFIX=/usr >/dev/null
	@gzip -9n $(B)/deb/usr/share/man/man*/*
	@install -D -m 644 LICENSE $(B)/deb/usr/share/doc/myld/copyright
	@install -D -m 644 docs/package/README.md $(B)/deb/usr/share/doc/myld/README.md
	@install -d $(B)/deb/DEBIAN
	@sed -e 's/@VERSION@/$(VERSION)/; s/@ARCH@/$(DEB_ARCH)/' \
		-e "s/@SIZE@/$$(du -k -s $(B)/deb/usr | cut -f 1)/" docs/package/control >$(B)/deb/DEBIAN/control
	dpkg-deb --root-owner-group --build $(B)/deb $@

.PHONY: install install-debug uninstall deb
