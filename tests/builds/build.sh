#!/bin/bash
# build.sh NAME...: glibc built as no Debian package is, for check.py, into build/glibc/NAME/root.  Sources
# are Debian's source packages, or the upstream archive in one.  What is built already is left alone; the
# first time takes 10 to 20 minutes each on two cores.
#
#	NAME       source                         configured with
#	2.31       upstream's release             nothing else
#	2.36-cet   Debian 12's, with its patches  CET, lib64; no build-id
#	2.43       upstream's, from sid           CET, stack protector, now bound
#
# All have the default directories of most distributions, /lib64 and /usr/lib64.
#
# Debian packages: bison gawk gcc make python3 dpkg-dev.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
builds=$top/build/glibc
jobs=${JOBS:-2}

die() {
	echo "build.sh: $*" >&2
	exit 1
}

# Sets what is to be built: suite, form of the source (as fetch.sh has it), compiler, options.
describe() {
	form=upstream cc=gcc options=()
	case $1 in
	2.31) suite=bullseye ;;
	2.36-cet) suite=bookworm form=source cc="gcc -Wl,--build-id=none" options=(--enable-cet) ;;
	2.43) suite=sid options=(--enable-cet --enable-stack-protector=strong --enable-bind-now) ;;
	*) die "no build is called $1" ;;
	esac
}

unpack() {
	local packages
	packages=$("$top/tests/run/fetch.sh" "$suite" "$form" glibc)
	mkdir -p "$work"
	case $form in
	source) dpkg-source --no-check -x "$packages"/glibc/*.dsc "$work/source" ;;
	upstream)
		mkdir "$work/source"
		tar -xf "$packages"/glibc/*.orig.tar.* -C "$work/source" --strip-components=1
		;;
	esac
}

build() {
	unpack
	mkdir "$work/objects"
	cd "$work/objects"
	../source/configure --prefix=/usr --disable-werror --disable-nscd CC="$cc" \
		CFLAGS="-g -O2" MAKEINFO=: "${options[@]}"
	make -j"$jobs"
	make install DESTDIR="$work/root"
}

# In a folder that takes its place only when complete; the log stays beside it.
build_once() {
	[ -e "$builds/$1/root" ] && return
	describe "$1"
	work=$builds/$1.new
	rm -rf "$work" "${builds:?}/$1"
	mkdir -p "$builds"
	echo "building glibc $1" >&2
	# In the background, since "if" would switch set -e off inside.
	build >"$builds/$1.log" 2>&1 </dev/null &
	if ! wait $!; then
		tail -20 "$builds/$1.log" >&2
		die "building $1 failed, all of it in $builds/$1.log"
	fi
	rm -rf "$work/objects" "$work/source"
	mv "$work" "$builds/$1"
}

mkdir -p "$builds"
exec 9>"$builds/.lock"
flock 9
for name; do
	build_once "$name"
done
