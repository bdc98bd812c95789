#!/bin/bash
# build.sh SUITE VERSION: builds glibc from the Debian suite's source package (tests/run/fetch.sh) and
# the programs of its own test suite that suite.py runs, in build/glibc-suite/build-VERSION/, whose path
# is printed.  What is built already is left alone; the log is build.log there.  Nothing is installed.
#
# Debian packages: those of "tests/setup.sh test".
set -eu -o pipefail

suite=$1 version=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/glibc-suite/build-$version
jobs=${JOBS:-2}

configure() {
	"$source/configure" -q --prefix=/usr --libdir="/usr/lib/$(gcc -print-multiarch)" --disable-werror \
		--disable-crypt --disable-nscd --disable-build-nscd --disable-timezone-tools CFLAGS=-O2
}

# The file beside libc.so.6 tells the loader which build this is; where the loader has its name, it is
# called so.
put_ldlinux_beside() {
	local file
	file=$(basename elf/ld-linux*.so.*)
	cp -p elf/ld.so "$file"
	cp -p elf/ld.so "testroot.pristine/lib64/$file.system"
}

# Some tests run in a small root, where glibc is installed.
build() {
	configure
	make -s -j"$jobs"
	make -s -k -j"$jobs" subdirs="elf dlfcn nptl" run-built-tests=no check || true
	make -s -j"$jobs" "$out/testroot.pristine/install.stamp"
	put_ldlinux_beside
}

if [ ! -e "$out/.complete" ]; then
	source=$("$top/tests/run/fetch.sh" "$suite" source glibc)/glibc
	echo "building glibc $version and its tests" >&2
	rm -rf "$out"
	mkdir -p "$out"
	cd "$out"
	# In the background, since "if" would switch set -e off inside.
	build >build.log 2>&1 </dev/null &
	if ! wait $!; then
		tail -20 build.log >&2
		echo "build.sh: building glibc $version failed, all of it in $out/build.log" >&2
		exit 1
	fi
	touch .complete
fi
echo "$out"
