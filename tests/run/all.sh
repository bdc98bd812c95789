#!/bin/bash
# all.sh NAME COMMAND... [-- NAME COMMAND...]...: runs the stages of the test one after another and
# ends with the sum of their tallies as the last line.  A stage says "N passed, N failed, N skipped"
# on a line of its own; one that does not counts as one test, passed if it exits with 0.
set -u
out=$(cd "$(dirname "$0")/../.." && pwd)/build/tests
mkdir -p "$out"
tally='^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$'
passed=0 failed=0 skipped=0

stage() {
	local name=$1 status p f s
	shift
	echo "== $name"
	"$@" 2>&1 | tee "$out/$name.log" | grep --line-buffered -v -E "$tally"
	status=${PIPESTATUS[0]}
	read -r p f s < <(grep -E "$tally" "$out/$name.log" | tail -n 1 | tr -cd '0-9 \n')
	if [ -z "$p" ]; then
		p=0 f=0 s=0
		[ "$status" = 0 ] && p=1
	fi
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
		echo "FAILED  $name: exit $status"
	fi
	echo "== $name: $p passed, $f failed, ${s:=0} skipped"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

while [ $# -gt 0 ]; do
	words=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	[ $# -gt 0 ] && shift
	stage "${words[@]}"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
