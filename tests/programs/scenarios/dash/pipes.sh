# dash as the parent of pipes, background jobs and command substitutions.
# exit: 3
sort -n numbers.txt | head -3 | tr '\n' ' '; echo
n=$(grep -c . words.txt); echo "words $n"
a=$(cat words.txt | sort | md5sum); b=$(sort <words.txt | md5sum); [ "$a" = "$b" ] && echo equal
for w in $(head -5 words.txt); do echo "$w" | rev & wait; done
mkfifo fifo; cat words.txt >fifo & wc -l <fifo; wait
{ echo one; echo two >&2; } 2>both; cat both
sleep 20 & kill -9 $!; wait $! ; echo "killed $?"
exec 5<words.txt; read -r w <&5; read -r x <&5; echo "$w $x"
sh -c 'exit 12'; echo "sh $?"
./missing-program 2>/dev/null; echo "missing $?"
i=0; while [ $i -lt 60 ]; do busybox true; i=$((i + 1)); done; echo $i
exit 3
