# Pipes of many processes: each stage is a busybox of its own.
sort -n numbers.txt | uniq -c | awk '$1 > 1 { n++; s += $2 } END { print n, s }'
tr a-z A-Z <words.txt | grep -c '^[AEIOU]'
cut -d, -f2 table.csv | sort | uniq -c | sort -rn | head -5
seq 1 500 | xargs -n 50 echo | sed -n '3p;7p' | tr ' ' '\n' | tail -3
cat words.txt | rev | sort | rev | head -4
yes loader | head -n 3000 | md5sum
seq 2000 | while read -r n; do [ $((n % 500)) = 0 ] && echo "at $n"; done
false | true; echo "status $?"
set -o pipefail; false | true; echo "pipefail $?"
