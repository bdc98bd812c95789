# Signals and jobs: traps, wait, kill, exit codes of the killed.
# exit: 9
trap 'echo got usr1' USR1
kill -USR1 $$
trap 'echo cleanup' EXIT
sleep 30 & pid=$!
kill $pid; wait $pid; echo "terminated $?"
sh -c 'kill -SEGV $$'; echo "segv $?"
sh -c 'trap "echo child term; exit 5" TERM; kill -TERM $$; sleep 5'; echo "handled $?"
for n in 1 2 3; do (exit $n) & done
wait; echo waited
timeout 1 sleep 20; echo "timeout $?"
(trap '' INT; kill -INT $(sh -c 'echo $PPID'); echo survived)
exit 9
