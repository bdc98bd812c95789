#!/bin/bash
# build.sh SUITE VERSION: builds the programs of glibc's own test suite that suite.py runs, from the
# Debian suite's source package (tests/run/fetch.sh), in build/glibc-suite/build-VERSION/, whose path is
# printed.  Where a mirror has no Debian source of the packages any more, it is upstream's release that the
# package is made of, without the fixes since then.  glibc itself is not built: its libraries and programs
# are those of the same version's binary packages, put where glibc's makefiles would make them.  What is
# built already is left alone, also by an interrupted build; the log is build.log there.  Nothing is installed.
#
# Debian packages: those of "tests/setup.sh test".
set -eu -o pipefail

suite=$1 version=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/glibc-suite/build-$version
jobs=${JOBS:-2}
triplet=$(gcc -print-multiarch)
placed=() # below $out

# As Debian configures it, where tests can tell.
configure() {
	libc_cv_slibdir=/lib/$triplet libc_cv_rtlddir=/lib64 "$source/configure" -q --prefix=/usr \
		--libdir="/usr/lib/$triplet" --enable-stackguard-randomization --disable-werror --disable-crypt \
		--disable-nscd --disable-build-nscd --disable-timezone-tools CFLAGS=-O2
}

# place FILE PLACE: a file of the packages, where glibc's makefiles would make it.
place() {
	mkdir -p "$(dirname "$out/$2")"
	cp -pL "$1" "$out/$2"
	placed+=("$2")
}

# place_shared FOLDER/ NAME.so.VERSION...: with the name that programs are linked with, and its own.
place_shared() {
	local folder=$1 name file
	shift
	for name; do
		file=$folder${name%.so.*}.so
		place "$libs/$name" "$file"
		ln -sf "$(basename "$file")" "$out/$folder$name"
		placed+=("$folder$name")
	done
}

# place_beside FOLDER/ FILE...
place_beside() {
	local folder=$1 file
	shift
	for file; do place "$file" "$folder$(basename "$file")"; done
}

place_packages() {
	place_shared "" libc.so.6
	place_shared dlfcn/ libdl.so.2
	place_shared hesiod/ libnss_hesiod.so.2
	place_shared locale/ libBrokenLocale.so.1
	place_shared login/ libutil.so.1
	place_shared malloc/ libc_malloc_debug.so.0
	place_shared math/ libm.so.6
	place_shared mathvec/ libmvec.so.1
	place_shared nis/ libnsl.so.1
	place_shared nptl/ libpthread.so.0
	place_shared nptl_db/ libthread_db.so.1
	place_shared nss/ libnss_compat.so.2 libnss_files.so.2
	place_shared resolv/ libanl.so.1 libnss_dns.so.2 libresolv.so.2
	place_shared rt/ librt.so.1
	place_beside malloc/ "$libs/libmemusage.so"
	place_beside debug/ "$libs/libpcprofile.so"
	place_beside "" "$libs"/libc.a "$libs/libc_nonshared.a"
	place_beside csu/ "$libs"/*crt1.o "$libs"/crt[in].o
	place_beside dlfcn/ "$libs/libdl.a"
	place_beside locale/ "$libs/libBrokenLocale.a"
	place_beside login/ "$libs/libutil.a"
	place_beside mathvec/ "$libs/libmvec.a"
	place_beside nptl/ "$libs/libpthread.a"
	place_beside resolv/ "$libs/libanl.a" "$libs/libresolv.a"
	place_beside rt/ "$libs/librt.a"
	place "$libs/libm-$version.a" math/libm.a
	place "$libs/ld-linux-x86-64.so.2" elf/ld.so
	ln -sf ld.so elf/ld-linux-x86-64.so.2
	placed+=(elf/ld-linux-x86-64.so.2)
	place_beside elf/ "$packages/sbin/ldconfig" "$packages"/usr/bin/{ldd,pldd}
	printf '%s\n' "${placed[@]}" >.placed # for suite.py
}

# make_in FOLDER ARGUMENT...: what is placed is never to be made.
make_in() {
	local folder=$1
	shift
	make -s -j"$jobs" -C "$source/$folder" subdir="$folder" ..=../ objdir="$out" \
		"${placed[@]/#/-o$out/}" "$@"
}

# make_files FOLDER FILE...
make_files() {
	local folder=$1
	shift
	make_in "$folder" "${@/#/$out/$folder/}"
}

# A small root in which some tests run, with what they use of glibc's installation.  The file beside
# ld-linux tells the loader in its place which build this is.
make_small_root() {
	local root=$out/testroot.pristine name
	rm -rf "$root"
	mkdir -p "$root"/{bin,etc,sbin,lib64,"lib/$triplet",usr/bin,usr/lib/locale,"usr/lib/$triplet"}
	cp -p support/shell-container "$root/bin/sh"
	for name in echo true; do cp -p "support/$name-container" "$root/bin/$name"; done
	for name in libgcc_s.so.1 libstdc++.so.6; do
		cp -pL "$(g++ -print-file-name=$name)" "$root/lib/$triplet/"
	done
	for name in "${placed[@]}"; do
		case ${name##*/} in lib*.so.*) cp -pL "$name" "$root/lib/$triplet/" ;; esac
	done
	cp -p elf/ld.so "$root/lib64/ld-linux-x86-64.so.2"
	cp -p elf/ld.so "$root/lib64/system-ld-linux-x86-64.so.2"
	cp -p elf/ldconfig "$root/sbin/"
	cp -p elf/ldd elf/pldd "$packages/usr/bin/iconv" "$root/usr/bin/"
	touch "$root/install.stamp"
}

# A test whose program can't be built counts as one that ld.so does not pass.
build() {
	local folder
	[ -e Makefile ] || configure
	place_packages
	make_files csu start.o abi-note.o
	make_files elf static-stubs.o
	make_files support libsupport_nonshared.a test-container shell-container echo-container \
		true-container links-dso-program test-run-command
	make_small_root
	for folder in elf dlfcn nptl; do
		make_in "$folder" -k run-built-tests=no tests || true
		make_in "$folder" -k make-test-out=true tests || true # what is made for the run alone
	done
	make_files stdlib tst-tls-atexit-nodelete tst-tls-atexit-lib.so tst-canon-bz26341
	make_files malloc mtrace tst-malloc-fork-deadlock-malloc-check
	cp -p elf/ld.so ld-linux-x86-64.so.2 # as in the small root
}

if [ ! -e "$out/.complete" ]; then
	packages=$("$top/tests/run/fetch.sh" "$suite" "$(uname -m)" libc6 libc6-dev libc-bin)
	if ! sources=$("$top/tests/run/fetch.sh" "$suite" source glibc) ||
		! cmp "$sources/.have/glibc" "$packages/.have/libc6" >&2; then
		echo "build.sh: the tests are those of upstream's $version, without Debian's patches" >&2
		sources=$("$top/tests/run/fetch.sh" "$suite" upstream glibc)
	fi
	source=$sources/glibc libs=$packages/usr/lib/$triplet
	echo "building the tests of glibc $version" >&2
	mkdir -p "$out"
	cd "$out"
	# In the background, since "if" would switch set -e off inside.
	build >build.log 2>&1 </dev/null &
	if ! wait $!; then
		tail -20 build.log >&2
		echo "build.sh: building the tests of glibc $version failed, all of it in $out/build.log" >&2
		exit 1
	fi
	touch .complete
fi
echo "$out"
