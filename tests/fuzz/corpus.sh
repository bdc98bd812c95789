#!/bin/bash
# corpus.sh: builds the ELF files that the fuzzing targets and the mutation run begin with.
#
#	corpus.sh MACHINE DIRECTORY
#
# Small files (segments packed, no section is far from its neighbour), one a way of linking: either hash table,
# versions, RELR, TLS with and without descriptors, text relocations, IFUNC, COPY, fixed addresses.
set -eu
machine=$1
out=$2
seeds=$(dirname "$0")/seeds
cc=gcc
[ "$machine" = "$(uname -m)" ] || cc=$machine-linux-gnu-gcc
mkdir -p "$out"

link="-nostdlib -Wl,-z,noseparate-code,-z,max-page-size=4096,-z,norelro,--build-id=none -s"
code="-O1 -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables"
lib="$cc $code -fPIC -shared $link"

# name source flags...
library()
{
	local name=$1 source=$2
	shift 2
	$lib -Wl,-soname,"lib$name.so" -o "$out/lib$name.so" "$seeds/$source" "$@"
}

descriptors=
[ "$machine" != x86_64 ] || descriptors=-mtls-dialect=gnu2

library need need.c -Wl,--version-script,"$seeds/need.map"
need="-DWITH_NEED -L$out -lneed -Wl,-rpath,\$ORIGIN"
library gnu lib.c -Wl,--hash-style=gnu
library sysv lib.c -Wl,--hash-style=sysv
library both lib.c -Wl,--hash-style=both -DWITH_TLS $need
library versions lib.c -DWITH_VERSIONS -Wl,--version-script,"$seeds/versions.map" $need
library relr lib.c -Wl,-z,pack-relative-relocs
library tls lib.c -DWITH_TLS -ftls-model=global-dynamic -Wl,-z,now
library tlsie lib.c -DWITH_TLS -ftls-model=initial-exec
library tlsdesc lib.c -DWITH_TLS $descriptors
library many many.c -L"$out" -lneed -Wl,-rpath,\$ORIGIN
for form in 26 33 39 44; do
	library ldlinux$form ldlinux.c -DFORM=$form
done
library ifunc lib.c -DWITH_IFUNC
library symbolic lib.c -Wl,-Bsymbolic -Wl,-z,separate-code -Wl,-z,relro -Wl,-z,now
if [ "$machine" = x86_64 ]; then
	$cc $code -fno-pic -mcmodel=large -shared $link -Wl,-z,notext -o "$out/libtextrel.so" "$seeds/lib.c"
fi

program="-L$out -lgnu -Wl,-rpath,\$ORIGIN -Wl,-dynamic-linker,/lib/none.so"
$cc $code -fPIE -pie $link -o "$out/pie" "$seeds/program.c" $program
$cc $code -fno-pie -no-pie $link -o "$out/fixed" "$seeds/program.c" $program
$cc $code -fPIE -static-pie $link -o "$out/static-pie" -x c - <<'C'
void _start(void) { for (;;); }
C
