#!/bin/bash
# build.sh NAME...: glibc built as no Debian package is, for check.py: its libraries, not stripped, are put
# into build/glibc/NAME.  Sources are Debian's source packages, or the upstream archive in one.  What is built
# already is left alone; the first time takes 10 to 20 minutes each on two cores.
#
#	NAME           source                         configured with
#	2.31           upstream's release             nothing else
#	2.36-cet       Debian 12's, with its patches  CET, no build-id
#	2.43           upstream's, from sid           CET, stack protector, now bound
#	2.17           for x86_64, from npm: a sysroot of crosstool-NG's, as it is, for programs to be
#	2.17-aarch64   linked with; without build-ids
#
# Those that are built have the default directories of most distributions, /lib64 and /usr/lib64.
#
# Debian packages: bison gawk gcc make python3 dpkg-dev npm.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
builds=$top/build/glibc
jobs=${JOBS:-2}
folders=(dlfcn math mathvec nptl login nptl_db resolv nss rt)

die() {
	echo "build.sh: $*" >&2
	exit 1
}

# Sets what is to be built: suite, form of the source (as fetch.sh has it), compiler, options.
describe() {
	form=upstream cc=gcc options=()
	case $1 in
	2.17) form=npm package=x86_64-unknown-linux-gnu version=1.0.0 ;;
	2.17-aarch64) form=npm package=aarch64-unknown-linux-gnu version=1.0.3 ;;
	2.31) suite=bullseye ;;
	2.36-cet) suite=bookworm form=source cc="gcc -Wl,--build-id=none" options=(--enable-cet) ;;
	2.43) suite=sid options=(--enable-cet --enable-stack-protector=strong --enable-bind-now) ;;
	*) die "no build is called $1" ;;
	esac
}

# The name by which a library is needed.
name_of() {
	readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'
}

# The libraries under those names.
collect() {
	local file
	mkdir "$work/lib"
	for file in libc.so elf/ld.so ${folders[@]/%/\/lib*.so}; do
		cp "$file" "$work/lib/$(name_of "$file")"
	done
}

# The upstream archive as Debian has it lacks the manual, which it holds to be not free.  Its folder is one that
# make enters, and its list of errno values has to be older than the table that upstream has made of it.
add_manual() {
	[ -e "$1" ] && return
	mkdir "$1"
	touch -d @0 "$1/errno.texi"
	printf '%s\n' "subdir := manual" "include ../Makeconfig" "include ../Rules" >"$1/Makefile"
}

# make_in FOLDER ARGUMENT...: without what is only for static libraries.
make_in() {
	local folder=$1
	shift
	make -C "$source/$folder" subdir="$folder" ..=../ objdir="$work/objects" object-suffixes=.os "$@"
}

# The libraries of a folder, and none of its programs; with the names by which other folders ask for them.
make_libraries() {
	local names name
	read -ra names <<<"$(make_in "$1" -s --eval='extra:;@echo $(extra-libs)' extra | tail -1)"
	names=("${names[@]/%/.so}")
	make_in "$1" -j"$jobs" "${names[@]/#/$work/objects/$1/}"
	for name in "${names[@]}"; do ln -sf "$name" "$1/$(name_of "$1/$name")"; done
}

# Not all of glibc: locales, converters, programs and static libraries would be most of the time.  A folder whose
# libraries others are linked with is first.
build() {
	local source folder
	source=$("$top/tests/run/fetch.sh" "$suite" "$form" glibc)/glibc
	[ "$form" = upstream ] && add_manual "$source/manual"
	mkdir -p "$work/objects"
	cd "$work/objects"
	"$source/configure" --prefix=/usr --disable-werror --disable-nscd CC="$cc" \
		CFLAGS="-g -O2" MAKEINFO=: "${options[@]}"
	make -j"$jobs" object-suffixes=.os lib
	for folder in "${folders[@]}"; do make_libraries "$folder"; done
	collect
}

# Without the static libraries, which are most of it.
take_sysroot() {
	mkdir -p "$work"
	cd "$work"
	npm pack --silent "@napi-rs/cross-toolchain-x64-target-${package%%-*}@$version"
	tar -xzOf ./*.tgz "package/$package.tar.xz" |
		tar -xJf - --strip-components=3 --wildcards '*/sysroot/*'
	find . -name '*.a' ! -name '*_nonshared.a' -delete
	rm ./*.tgz
}

# In a folder that takes its place only when complete; the log stays beside it.
build_once() {
	[ -e "$builds/$1/lib" ] && return
	describe "$1"
	work=$builds/$1.new
	rm -rf "$work" "${builds:?}/$1"
	mkdir -p "$builds"
	echo "building glibc $1" >&2
	[ "$form" = npm ] && how=take_sysroot || how=build
	# In the background, since "if" would switch set -e off inside.
	$how >"$builds/$1.log" 2>&1 </dev/null &
	if ! wait $!; then
		tail -20 "$builds/$1.log" >&2
		die "building $1 failed, all of it in $builds/$1.log"
	fi
	rm -rf "$work/objects"
	mv "$work" "$builds/$1"
}

mkdir -p "$builds"
exec 9>"$builds/.lock"
flock 9
for name; do
	build_once "$name"
done
