#!/bin/sh
# table.sh libc LIBC.so.6 [DEBUG]: adds the layout of any build to the tables.
# table.sh deb LIBC6.deb [LIBC6-DBG.deb]: adds one package of Debian's to the tables, with a row of its own.
# table.sh suites SUITE...: the same for the libc6 of Debian's suites.
# MACHINE, of the environment, is the machine whose tables they are; FOLDER, if it is set, where they are.
#
# DEBUG is a file of debugging information, a tree of such files as /usr/lib/debug, or a .deb that has one.
# It is not needed if the files are not stripped, or if the system's tree has it.
#
# Without the second package the debugging information is that beside the first (the same name with
# "libc6-dbg"), or else what is installed.  Suites are fetched by tests/run/fetch.sh, which does not
# fetch again what it has: remove build/apt and build/pkg to see what is new in them.
set -eu

top=$(cd "$(dirname "$0")/../../../.." && pwd)
work=$top/build/glibc-layout.d
tables=$top/ldso/libc/glibc/gen/tables.py
folder=${FOLDER:-$top/ldso/libc/glibc/$MACHINE}

die() {
	echo "table.sh: $*" >&2
	exit 2
}

# The file of the tree $1 that is called $2, wherever its machine's libraries lie.  What lib64 has may
# be a link to this machine's own.
library() {
	find "$1/" -name "$2" ! -type d ! -path '*/lib64/*' | sort | head -n 1
}

# add TREE DEBUG-TREE VERSION ARCH
add() {
	libc=$(library "$1" libc.so.6)
	ldso=$(library "$1" 'ld-linux*.so.*')
	[ -n "$libc" ] && [ -n "$ldso" ] || die "$1: no libc.so.6 or no ld-linux in it"
	[ -d "$2/usr/lib/debug" ] && debug=$2/usr/lib/debug || debug=
	mkdir -p "$work"
	"$top/build/$MACHINE/glibc-layout" "$libc" "$ldso" "$debug" >"$work/facts"
	"$tables" add "$folder" "libc6 $3 $4" <"$work/facts"
}

# The ld-linux of a libc.so.6, as the loader looks for it (ldlinux.h).
ldso_of() {
	name=$(LC_ALL=C readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(ld[^/]*\)\]$/\1/p' | head -n 1)
	[ -n "$name" ] || die "$1: not a libc.so.6: it needs no ld-linux"
	dir=$(dirname "$1")
	case $(basename "$(dirname "$dir")") in
	glibc-hwcaps) dir=$(dirname "$(dirname "$dir")") ;;
	esac
	[ -e "$dir/system-$name" ] && name=system-$name
	[ -e "$dir/$name" ] || die "$dir/$name: no such file: it has to be that of $1"
	echo "$dir/$name"
}

from_libc() {
	[ -f "$1" ] || die "\"$1\" is no file: make glibc-layout LIBC=/PATH/libc.so.6 [DEBUG=FILE-OR-TREE]," \
		"or DEB=libc6_VERSION_ARCH.deb"
	ldso=$(ldso_of "$1")
	version=$(grep -aom 1 'GNU C Library (.*release version 2\.[0-9]*' "$1" | sed 's/.* //')
	[ -n "$version" ] || die "$1: it does not say which release of glibc it is"
	rm -rf "$work"
	mkdir -p "$work"
	debug=${2:-}
	case $debug in
	*.deb)
		dpkg-deb -x "$debug" "$work/debug"
		debug=$work/debug
		;;
	esac
	"$top/build/$MACHINE/glibc-layout" "$1" "$ldso" "$debug" >"$work/facts"
	"$tables" layout "$folder" "$version" <"$work/facts"
	rm -rf "$work"
}

from_deb() {
	[ -f "$1" ] || die "\"$1\" is no package: make glibc-layout DEB=libc6_VERSION_ARCH.deb"
	debug=${2:-$(dirname "$1")/$(basename "$1" | sed 's/^libc6_/libc6-dbg_/')}
	rm -rf "$work"
	mkdir -p "$work/libc" "$work/debug"
	dpkg-deb -x "$1" "$work/libc"
	if [ -n "${2:-}" ] || [ "$debug" != "$1" ] && [ -f "$debug" ]; then
		dpkg-deb -x "$debug" "$work/debug"
		debug=$work/debug
	else
		debug=
	fi
	add "$work/libc" "$debug" "$(dpkg-deb -f "$1" Version)" \
		"$(dpkg-deb -f "$1" Architecture)"
	rm -rf "$work"
}

from_suite() {
	status=0
	case $MACHINE in
	x86_64) arch=amd64 ;;
	aarch64) arch=arm64 ;;
	*) arch=$MACHINE ;;
	esac
	tree=$("$top/tests/run/fetch.sh" "$1" "$MACHINE" libc6 libc6-dbg) || status=$?
	case $status in
	0) add "$tree" "$tree" "$(cat "$tree/.have/libc6")" "$arch" ;;
	3) echo "$1: has no libc6" ;; # an update's suite
	*) exit 1 ;;
	esac
}

how=$1
shift
case $how in
libc) from_libc "$@" ;;
deb) from_deb "$@" ;;
suites) for suite in "$@"; do from_suite "$suite"; done ;;
esac
