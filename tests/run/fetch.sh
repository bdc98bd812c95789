#!/bin/bash
# fetch.sh SUITE MACHINE PACKAGE...: unpacks Debian packages of another suite or machine into
# build/pkg/SUITE-MACHINE/ and prints that directory.  Nothing is installed, and the system's own
# apt state is neither used nor changed: lists, cache and sources live under build/apt/.  The mirror
# is the one that this machine is configured with.  What is unpacked already is not fetched again.
# Exit status 3: the suite has no such package.
#
# fetch.sh SUITE source PACKAGE...: the same of source packages, which are not unpacked: each is a folder
# of that directory with its .dsc and archives.  With "upstream" it is upstream's archive alone.
set -eu -o pipefail

suite=$1 machine=$2
shift 2
case $machine in
source | upstream) arch=$(dpkg --print-architecture) ;;
x86_64) arch=amd64 ;;
aarch64) arch=arm64 ;;
i386 | i686) arch=i386 ;;
armhf | riscv64 | s390x | loong64) arch=$machine ;;
ppc64le) arch=ppc64el ;;
*) echo "fetch.sh: machine \"$machine\": no Debian architecture known for it" >&2; exit 2 ;;
esac

top=$(cd "$(dirname "$0")/../.." && pwd)
state=$top/build/apt/$suite-$arch kind=deb get=(download)
case $machine in
source) get=(source --download-only --only-source) ;;
upstream) get=(source --tar-only --only-source) ;;
esac
[ "${get[0]}" = download ] || state=$top/build/apt/$suite-source kind=deb-src
out=$top/build/pkg/$suite-$machine
mkdir -p "$out/.have"

# A merged /usr, which newer suites' packages count on.
merge_usr() {
	local dir
	for dir in bin sbin lib lib64; do
		mkdir -p "$out/usr/$dir"
		[ -e "$out/$dir" ] || ln -s "usr/$dir" "$out/$dir"
	done
}

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

# Puts what a folder has been given into its place.
unpack() {
	if [ "$kind" = deb-src ]; then
		rm -rf "${out:?}/$2"
		mv "$1" "$out/$2"
		(cd "$out/$2" && echo *.tar.*) >"$out/.have/$2"
		return
	fi
	merge_usr
	dpkg --fsys-tarfile "$1"/*.deb | tar -x -C "$out" --keep-directory-symlink --no-same-owner
	dpkg-deb -f "$1"/*.deb Version >"$out/.have/$2"
	rm -rf "$1"
}

# One at a time: the runner asks for several machines at once.
exec 9>"$out/.lock"
flock 9
for package in "$@"; do
	[ -e "$out/.have/$package" ] && continue
	prepare
	dir=$(mktemp -d "$out/.deb.XXXXXX")
	(cd "$dir" && private_apt "${get[@]}" "$package") >"$dir/log" 2>&1 || {
		echo "fetch.sh: $package of $suite $arch:" >&2
		cat "$dir/log" >&2
		status=1
		grep -q "no candidate\|Unable to locate" "$dir/log" && status=3
		rm -rf "$dir"
		exit $status
	}
	unpack "$dir" "$package"
done
echo "$out"
