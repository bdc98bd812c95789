#!/bin/bash
# run.sh SECONDS [TARGET...]: builds the fuzzing targets and runs each for so many seconds, two side by side.
# run.sh --coverage FOLDER: builds them in this folder to count what is entered; each runs the same inputs every time.
#
# Every run begins with the files of regress/ (inputs that once broke something), the corpus that corpus.sh builds, and what
# earlier runs found worth keeping (build/fuzz/found/).  An input that breaks the loader is left in build/fuzz/artifacts/.
set -u
cd "$(dirname "$0")/../.."
seconds=${1:?run.sh SECONDS [TARGET...]}
out=build/fuzz
shift
if [ "$seconds" = --coverage ]; then
	out=$1
	rm -rf "$out/found"
	shift
fi
targets=("$@")
[ $# -gt 0 ] || targets=(headers dynamic hash versions relocations search cache whole plan maps config tunables ldlinux layoutfile lists)
machine=$(uname -m)
corpus=$out/corpus/$machine
clang=clang
mkdir -p "$out"

if ! command -v "$clang" >/dev/null; then
	echo "SKIPPED  fuzzing: $clang is not installed"
	echo "0 passed, 0 failed, ${#targets[@]} skipped"
	exit 0
fi

# Relocated words need no alignment (x86_64 psABI, table 4.9), so reloc/ does without that check.  An absent table
# is NULL with 0 entries, whose end is NULL + 0.
sanitize="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow"
link="-fsanitize=fuzzer,address,undefined"
how="-max_total_time=$seconds"
if [ "$seconds" = --coverage ]; then
	sanitize="-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping"
	link="-fsanitize=fuzzer -fprofile-instr-generate"
	how="-runs=6000 -seed=1"
	seconds=120
fi
flags="$sanitize -std=gnu11 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer -fno-sanitize-recover=all -fno-strict-aliasing
	-Ildso -Ildso/arch/$machine -iquote ldso/libc/glibc/$machine -I. -Itests/fuzz"
# What the harness defines wins.  fake_sys.c is all there is of the kernel and of memory, and the sanitizers watch their
# own of mem.c's functions.
loader=(ldso/{base,state,object,symbol,tls,search,load,reloc,cache}/*.c ldso/memory/file_map.c vm/*.c
	ldso/libc/glibc/{tables,tunables,ldlinux,ldlinux_tunables,layout_file}.c)

compile() { # SOURCE FLAGS...: prints the object's name
	local source=$1 object=$out/obj/${1//\//_}.o
	shift
	echo "$object"
	[ "$object" -nt "$source" ] && [ -z "$(find ldso vm tests/fuzz -name '*.h' -newer "$object")" ] && return
	"$clang" $flags "$@" -c -o "$object" "$source"
}

build() {
	local helpers=() rooms=() source object
	mkdir -p "$out/obj" "$out/artifacts" || return
	for source in "${loader[@]}"; do
		case $source in
		ldso/base/mem.c | ldso/base/sys.c) continue ;;
		ldso/reloc/*) object=$(compile "$source" -fno-sanitize=alignment) ;;
		*) object=$(compile "$source") ;;
		esac || return
		rooms+=("$object")
	done
	rm -f "$out/rooms.a"
	ar rcs "$out/rooms.a" "${rooms[@]}"
	for source in tests/fuzz/{harness,fake_sys,mutator}.c; do
		helpers+=("$(compile "$source")") || return
	done
	for target in "${targets[@]}"; do
		object=$(compile "tests/fuzz/$target.c") || return
		"$clang" $link -Wl,-z,muldefs,--exclude-libs,rooms.a -o "$out/fuzz-$target" \
			"$object" "${helpers[@]}" "$out/rooms.a" || return
	done
	tests/fuzz/corpus.sh "$machine" "$corpus"
}

run() { # TARGET: prints what came of it
	local target=$1 log=$out/fuzz-$1.log status executions
	mkdir -p "$out/found/$target"
	export LLVM_PROFILE_FILE=$out/fuzz-$target.profraw
	timeout $((seconds + 120)) "$out/fuzz-$target" $how -max_len=16384 -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$out/artifacts/$target-" \
		"$out/found/$target" "$corpus" tests/fuzz/regress >"$log" 2>&1
	status=$?
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ $status = 0 ]; then
		echo "passed   $target: ${executions:-?} executions"
	else
		echo "FAILED   $target: exit $status after ${executions:-?} executions; $log ends with"
		grep -v '^#' "$log" | tail -n 40
	fi
}

if ! build >"$out/build.log" 2>&1; then
	cat "$out/build.log"
	echo "0 passed, ${#targets[@]} failed, 0 skipped"
	exit 1
fi
export GOOD_LIBRARY=$corpus/libneed.so
export -f run
export seconds corpus out how
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'run {}' | tee "$out/result"
passed=$(grep -c '^passed ' "$out/result")
echo "$passed passed, $((${#targets[@]} - passed)) failed, 0 skipped"
[ "$passed" = ${#targets[@]} ]
