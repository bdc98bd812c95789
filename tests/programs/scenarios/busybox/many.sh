# Two hundred short processes one after the other, and forty at once.
i=0; while [ $i -lt 200 ]; do busybox true || echo "failed at $i"; i=$((i + 1)); done; echo $i
for n in $(seq 40); do busybox echo $n >many.$n & done; wait; cat many.* | sort -n | awk '{ s += $1 } END { print s }'
