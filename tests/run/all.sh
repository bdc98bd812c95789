#!/bin/bash
# all.sh NAME COMMAND... [-- NAME COMMAND...]...: runs the stages of the test one after another, each
# told by TALLY where to leave "passed failed skipped", and ends with the sum as the last line.  A
# stage that leaves no tally counts as one test, passed if it exits with 0.
set -u
out=$(cd "$(dirname "$0")/../.." && pwd)/build/tests
mkdir -p "$out"
passed=0 failed=0 skipped=0

stage() {
	local name=$1 status p f s
	shift
	export TALLY=$out/$name.tally
	rm -f "$TALLY"
	echo "== $name"
	"$@"
	status=$?
	if [ -s "$TALLY" ]; then
		read -r p f s <"$TALLY"
	elif [ $status = 0 ]; then
		p=1 f=0 s=0
	else
		p=0 f=1 s=0
		echo "FAILED  $name: exit $status"
	fi
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
