#!/bin/bash
# setup.sh [build|run|test|browser|debian|bench]: installs the Debian packages that building myld.so (build), a
# first run of real programs (run), all tests (test, the default), the test of a browser, that of a whole Debian
# or all measurements (bench) need.  Only what is missing is asked of apt; with nothing missing it returns at
# once, needs no network and no root.
set -eu

build=(gcc libc6-dev make musl-dev musl-tools)
run=(bash bzip2 ca-certificates dpkg-dev linux-libc-dev patch python3 xz-utils)
test=(
	binutils git
	g++ clang lld llvm libclang-rt-14-dev libcmocka-dev libelf-dev libdw-dev
	gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gcc-riscv64-linux-gnu g++-riscv64-linux-gnu
	libc6-dev-arm64-cross libc6-dev-riscv64-cross
	bison gawk # to build glibc
	qemu-user debootstrap gdb strace libc-devtools patchelf util-linux valgrind libc6-dbg
	bison gawk gettext # glibc's own tests
	tcl # real programs from Debian's sources
	# programs of the machine that run as they are
	curl groff-base less libc-bin make mawk nodejs openssl perl sqlite3 vim
)
command -v npm >/dev/null || test+=(npm) # other distributors' nodejs brings it along

bench=(g++ patchelf clang gdb git libreoffice-core-nogui nodejs perl)

case ${1:-test} in
build) want=("${build[@]}") ;;
run) want=("${build[@]}" "${run[@]}") ;;
test) want=("${build[@]}" "${run[@]}" "${test[@]}") ;;
browser) want=(firefox-esr) ;;
debian) want=(e2fsprogs qemu-system-x86) ;;
bench) want=("${build[@]}" "${run[@]}" "${bench[@]}") ;;
*) echo "setup.sh: \"$1\": expected build, run, test, browser, debian or bench" >&2; exit 2 ;;
esac

# One call for all of them; dpkg-query fails where it does not know one.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${want[@]}" 2>/dev/null) || true
missing=()
for package in "${want[@]}"; do
	grep -qx "installed $package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup.sh: installing ${missing[*]}"
if [ "$(id -u)" != 0 ]; then
	echo "setup.sh: root is needed for apt-get install" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends "${missing[@]}"
