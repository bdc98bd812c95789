# What bash does without any child but itself.
declare -A count
while read -r line; do
	for word in $line; do
		((count[${word:0:1}]++))
	done
done <<<"the quick brown fox jumps over the lazy dog
$(printf '%s\n' one two three)"
for letter in {a..z}; do
	echo -n "$letter${count[$letter]:-0} "
done
echo
trap 'echo "signal in $BASH_SUBSHELL"' USR1
kill -USR1 $$
(exit 3)
echo "subshell: $?"
[[ abc =~ ^a(.)c$ ]] && echo "matched ${BASH_REMATCH[1]}"
printf -v now '%(%Y)T' 0
echo "epoch: $now"
exit 7
