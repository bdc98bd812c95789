#!/bin/sh
# table.sh deb LIBC6.deb [LIBC6-DBG.deb]: adds one package to the tables.
# table.sh suites SUITE...: the same for the libc6 of Debian's suites.
# MACHINE, of the environment, is the machine whose tables they are.
#
# Without the second package the debugging information is that beside the first (the same name with
# "libc6-dbg"), or else what is installed.  Suites are fetched by tests/run/fetch.sh, which does not
# fetch again what it has: remove build/apt and build/pkg to see what is new in them.
set -eu

top=$(cd "$(dirname "$0")/../../../.." && pwd)
work=$top/build/glibc-layout.d

# The file of the tree $1 that is called $2, wherever its machine's libraries lie.  What lib64 has may
# be a link to this machine's own.
library() {
	find "$1/" -name "$2" ! -type d ! -path '*/lib64/*' | sort | head -n 1
}

# add TREE DEBUG-TREE VERSION ARCH
add() {
	libc=$(library "$1" libc.so.6)
	ldso=$(library "$1" 'ld-linux*.so.*')
	if [ -z "$libc" ] || [ -z "$ldso" ]; then
		echo "table.sh: $1: no libc.so.6 or no ld-linux in it" >&2
		exit 1
	fi
	mkdir -p "$work"
	"$top/build/$MACHINE/glibc-layout" "$libc" "$ldso" "$2/usr/lib/debug" >"$work/facts"
	"$top/ldso/libc/glibc/gen/tables.py" add "$top/ldso/libc/glibc/$MACHINE" "libc6 $3 $4" \
		<"$work/facts"
}

from_deb() {
	if [ ! -f "${1:-}" ]; then
		echo "table.sh: \"${1:-}\" is no package: make glibc-layout DEB=libc6_VERSION_ARCH.deb" >&2
		exit 2
	fi
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
deb) from_deb "$@" ;;
suites) for suite in "$@"; do from_suite "$suite"; done ;;
esac
