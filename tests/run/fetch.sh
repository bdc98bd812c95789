#!/bin/bash
# fetch.sh SUITE MACHINE PACKAGE...: unpacks Debian packages of another suite or machine into
# build/pkg/SUITE-MACHINE/ and prints that directory.
# fetch.sh SUITE source PACKAGE...: unpacks source packages, with Debian's patches applied, into
# build/src/SUITE/PACKAGE/ and prints build/src/SUITE.  With "upstream" it is upstream's archive alone,
# and build/src/SUITE-upstream.  Nothing is installed, and the system's own
# apt state is neither used nor changed: lists, cache and sources live under build/apt/.  The mirror
# is the one that this machine is configured with.  What is unpacked already is not fetched again.
# Exit status 3: the suite has no such package.
set -eu -o pipefail

suite=$1 machine=$2
shift 2
case $machine in
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
i386 | i686) arch=i386 ;;
armhf | riscv64 | s390x | loong64) arch=$machine ;;
source | upstream) arch=$(dpkg --print-architecture) ;;
ppc64le) arch=ppc64el ;;
*) echo "fetch.sh: machine \"$machine\": no Debian architecture known for it" >&2; exit 2 ;;
esac

top=$(cd "$(dirname "$0")/../.." && pwd)
kind=deb-src state=$top/build/apt/$suite-source
case $machine in
source) out=$top/build/src/$suite ;;
upstream) out=$top/build/src/$suite-upstream ;;
*) kind=deb state=$top/build/apt/$suite-$arch out=$top/build/pkg/$suite-$machine ;;
esac
mkdir -p "$out/.have"

# The mirror of a suite of the system's, as apt itself understands its configuration.
mirror_of() {
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
		awk -v want="$1" '$1 == want && $2 == "main" { print $3; exit }'
}

# The mirror of the system's own suite.  Security updates have one of their own; where the system
# does without them, it is where every mirror of all of Debian has it.
mirror() {
	local codename uri
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	uri=$(mirror_of "$codename")
	case $suite in
	*-security)
		local own
		own=$(mirror_of "$codename-security")
		uri=${own:-${uri:+${uri%/}-security}}
		;;
	esac
	echo "$uri"
}

# apt-get with a state of its own.
private_apt() {
	LC_ALL=C apt-get -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
		-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# Old suites keep their last Release file for ever: its date is not checked.
update() {
	local uri
	uri=$(mirror)
	[ -n "$uri" ] || { echo "fetch.sh: the system's apt sources name no mirror" >&2; return 1; }
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: >"$state/status"
	echo "$kind [check-valid-until=no $1] $uri $suite main" >"$state/sources.list"
	private_apt --error-on=any update >"$state/log" 2>&1
}

# A suite or port whose key the system does not have is taken unsigned: only test fixtures come
# from there.
prepare() {
	[ -e "$state/ready" ] && return
	update "" || update "trusted=yes" || {
		echo "fetch.sh: no package lists for $suite $arch:" >&2
		cat "$state/log" >&2
		return 1
	}
	touch "$state/ready"
}

# Runs its arguments, with their output in a log.  If they fail: prints the log, removes the directory
# that it lies in, and exits.
or_die() {
	local log=$1 status=1
	shift
	"$@" >>"$log" 2>&1 && return
	echo "fetch.sh: $package of $suite $machine:" >&2
	cat "$log" >&2
	grep -q "no candidate\|Unable to locate\|Unable to find" "$log" && status=3
	rm -rf "$(dirname "$log")"
	exit $status
}

fetch_source() {
	or_die "$dir/log" private_apt source --download-only --only-source "$package"
	rm -rf "${out:?}/$package"
	or_die "$dir/log" dpkg-source --no-check --no-copy -x ./*.dsc "$out/$package"
	sed -n 's/^Version: //p' ./*.dsc | head -n 1 >"$out/.have/$package"
}

fetch_upstream() {
	or_die "$dir/log" private_apt source --tar-only --only-source "$package"
	rm -rf "${out:?}/$package"
	mkdir "$out/$package"
	tar -xf ./*.orig.tar.* -C "$out/$package" --strip-components=1
	echo ./*.orig.tar.* >"$out/.have/$package"
}

# A merged /usr, which newer suites' packages count on.
merge_usr() {
	local name
	for name in bin sbin lib lib64; do
		mkdir -p "$out/usr/$name"
		[ -e "$out/$name" ] || ln -s "usr/$name" "$out/$name"
	done
}

fetch_package() {
	or_die "$dir/log" private_apt download "$package"
	merge_usr
	dpkg --fsys-tarfile ./*.deb | tar -x -C "$out" --keep-directory-symlink --no-same-owner
	dpkg-deb -f ./*.deb Version >"$out/.have/$package"
}

# One at a time: the runner asks for several machines at once.
exec 9>"$out/.lock"
flock 9
for package in "$@"; do
	[ -e "$out/.have/$package" ] && continue
	prepare
	dir=$(mktemp -d "$out/.new.XXXXXX")
	cd "$dir"
	case $machine in
	source) fetch_source ;;
	upstream) fetch_upstream ;;
	*) fetch_package ;;
	esac
	cd "$out"
	rm -rf "$dir"
done
echo "$out"
