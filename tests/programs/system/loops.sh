# Bash: loops, arrays, functions, here documents, process substitution, printf, jobs, traps.
set -u
declare -A colour=([apple]=green [plum]=blue [cherry]=red)
for key in $(printf '%s\n' "${!colour[@]}" | sort); do printf '%-8s|%6s|\n' "$key" "${colour[$key]}"; done
squares=()
for ((i = 0; i < 10; i++)); do squares+=($((i * i))); done
echo "${squares[@]:2:4} of ${#squares[@]}"
sum() { local total=0 n; for n in "$@"; do ((total += n)); done; echo "$total"; }
printf '%05d %x %e %q\n' "$(sum "${squares[@]}")" 48879 3.25 "a b'c"
while read -r a b; do echo "$b $a"; done <<-END
	one two
	three four
END
diff <(seq 1 5) <(seq 2 6)
text=$'line\twith tab'
echo "${text^^} ${text//i/I} ${#text}"
[[ "2026-11-24" =~ ^([0-9]+)-([0-9]+) ]] && echo "${BASH_REMATCH[2]}/${BASH_REMATCH[1]}"
for n in 1 2 3; do (exit "$n") & wait $! || echo "job ended with $?"; done
trap 'echo "at the end: $?"' EXIT
seq 100000 | sort -rn | awk '{ s += $1 } END { print NR, s }'
exit 7
