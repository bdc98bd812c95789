#!/bin/bash
# Real programs as dynamic musl programs, for the scenarios of apps.py: Debian's source packages of
# this machine's release (tests/run/fetch.sh), built with musl-gcc and the C compiler's usual flags into
# build/apps/NAME/. What is built already is left alone.
#
#	build.sh [busybox|dash|lua|sqlite3|minigzip|sass]...		(default: all)
#
# Debian packages: musl-tools linux-libc-dev dpkg-dev patch make tcl bzip2 xz-utils, npm for sass.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/programs
apps=${APPS:-$top/build/apps}
jobs=${JOBS:-2}
sass_version=1.105.0

die()
{
	echo "build.sh: $*" >&2
	exit 1
}

need()	# need COMMAND PACKAGE: the command is here, or we install its package
{
	command -v "$1" >/dev/null && return
	[ "$(id -u)" = 0 ] || die "no $1 here, and only root can install package $2"
	apt-get install -y --no-install-recommends "$2" >/dev/null
}

# fetch_source PACKAGE: sets $src to the unpacked and patched tree
fetch_source()
{
	need dpkg-source dpkg-dev
	src=$("$top/tests/run/fetch.sh" "$(. /etc/os-release && echo "$VERSION_CODENAME")" source "$1")/$1
}

# musl-gcc sees musl's headers alone; the kernel's are neutral, so lend it just those.
kernel_headers()
{
	local multiarch dir
	multiarch=$(gcc -print-multiarch)
	include=$apps/include
	mkdir -p "$include"
	for dir in linux asm-generic mtd; do
		ln -sfn "/usr/include/$dir" "$include/$dir"
	done
	ln -sfn "/usr/include/$multiarch/asm" "$include/asm"
}

build_busybox()
{
	fetch_source busybox
	kernel_headers
	cd "$src"
	make -s defconfig
	# What is off: a static build, PAM, and applets whose kernel interface is gone or that
	# use <resolv.h> beyond what musl has.
	local option
	for option in STATIC PAM SELINUX FEATURE_HAVE_RPC FEATURE_INETD_RPC TC NSLOOKUP \
		FEATURE_VI_REGEX_SEARCH EXTRA_COMPAT; do
		sed -i "s/^CONFIG_$option=y/# CONFIG_$option is not set/" .config
	done
	(yes '' || true) | make -s oldconfig >/dev/null
	make -s -j"$jobs" CC="musl-gcc -isystem $include" HOSTCC=gcc busybox
	cp busybox "$out/busybox"
	mkdir "$out/bin"
	local applet
	for applet in busybox $(./busybox --list); do
		ln -sf ../busybox "$out/bin/$applet"
	done
}

build_dash()
{
	fetch_source dash
	cd "$src"
	[ -x configure ] || die "dash without configure: $src"
	./configure -q CC=musl-gcc CC_FOR_BUILD=gcc --without-libedit
	# Debian's patches add priv.c and ask for autotools; naming the object spares us those.
	local helpers="builtins.o init.o nodes.o signames.o syntax.o priv.o"
	make -s -j"$jobs" ACLOCAL=: AUTOCONF=: AUTOMAKE=: AUTOHEADER=: \
		dash_LDADD="$helpers" dash_DEPENDENCIES="$helpers"
	cp src/dash "$out/dash"
}

build_lua()
{
	fetch_source lua5.4
	cd "$src/src"
	# Debian's luaconf.h asks for its default module path; nothing is to be found there.
	echo "#define DEB_HOST_MULTIARCH \"none\"" >lua5.4-deb-multiarch.h
	local core
	core=$(find . -name 'l*.c' ! -name lua.c ! -name luac.c)
	# shellcheck disable=SC2086
	musl-gcc -O2 -fPIC -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -shared -Wl,-soname,liblua.so \
		-o "$out/liblua.so" $core -lm
	musl-gcc -O2 -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -o "$out/lua" lua.c -L"$out" -llua \
		-Wl,-rpath,'$ORIGIN' -lm
	musl-gcc -O2 -fPIC -shared -I. -o "$out/counter.so" "$here/counter.c"
}

build_sqlite3()
{
	need tclsh tcl
	fetch_source sqlite3
	cd "$src"
	mkdir -p build.musl
	cd build.musl
	../configure -q CC=musl-gcc BUILD_CC=gcc --disable-tcl --disable-readline --disable-editline
	make -s sqlite3.c shell.c
	local features="-DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_MATH_FUNCTIONS \
		-DSQLITE_THREADSAFE=1 -DSQLITE_HAVE_ISNAN=1"
	# shellcheck disable=SC2086
	musl-gcc -O1 -fPIC $features -shared -Wl,-soname,libsqlite3.so -o "$out/libsqlite3.so" \
		sqlite3.c -lm
	# shellcheck disable=SC2086
	musl-gcc -O1 $features -o "$out/sqlite3" shell.c -I. -L"$out" -lsqlite3 \
		-Wl,-rpath,'$ORIGIN' -lm
	musl-gcc -O1 -fPIC -shared -I. -o "$out/series.so" ../ext/misc/series.c
}

build_minigzip()
{
	fetch_source zlib
	cd "$src"
	local core
	core="adler32.c compress.c crc32.c deflate.c gzclose.c gzlib.c gzread.c gzwrite.c infback.c
		inffast.c inflate.c inftrees.c trees.c uncompr.c zutil.c"
	# shellcheck disable=SC2086
	musl-gcc -O2 -fPIC -DHAVE_UNISTD_H -DHAVE_STDARG_H -D_LARGEFILE64_SOURCE=1 -shared \
		-Wl,-soname,libz.so.1,--version-script,zlib.map -o "$out/libz.so.1" $core
	musl-gcc -O2 -DHAVE_UNISTD_H -I. -o "$out/minigzip" test/minigzip.c "$out/libz.so.1" \
		-Wl,-rpath,'$ORIGIN'
}

# A program that somebody else built: a Dart virtual machine and its snapshot.
build_sass()
{
	need npm npm
	cd "$out"
	npm pack --silent "sass-embedded-linux-musl-x64@$sass_version" >/dev/null
	tar -xzf "sass-embedded-linux-musl-x64-$sass_version.tgz" --strip-components=3 \
		package/dart-sass/src
	rm "sass-embedded-linux-musl-x64-$sass_version.tgz"
}

# Built into a scratch folder that takes its place only when complete; the log stays beside it.
build()
{
	local name=$1
	[ -e "$apps/$name/.complete" ] && return
	declare -F "build_$name" >/dev/null || die "no program called $name"
	out=$apps/$name.new
	rm -rf "$out" "${apps:?}/$name"
	mkdir -p "$out"
	echo "building $name" >&2
	# In the background, since "if" would switch set -e off inside.
	"build_$name" >"$apps/$name.log" 2>&1 </dev/null &
	if ! wait $!; then
		tail -20 "$apps/$name.log" >&2
		die "building $name failed, all of it in $apps/$name.log"
	fi
	touch "$out/.complete"
	mv "$out" "$apps/$name"
}

[ $# -gt 0 ] || set -- busybox dash lua sqlite3 minigzip sass
need musl-gcc musl-tools
for name; do
	build "$name"
done
