# Text tools on larger input: awk programs, sed scripts, sort keys, join, regular expressions.
awk -F, 'NR > 1 { s[$2] += $3; n[$2]++ } END { for (k in s) printf "%s %d %.3f\n", k, n[k], s[k] / n[k] }' table.csv | sort
awk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(18); print substr("loader", 2, 3), toupper("x"), sqrt(2), sin(1), exp(1) }'
awk '{ gsub(/[aeiou]/, "*"); print length($0) ":" $0 }' words.txt | sort -t: -k1,1nr -k2 | head -5
sed -n '/a.*e/{s/\(.\)\(.*\)/\2\1/;p}' words.txt | head -5
sed -e '1!G;h;$!d' words.txt | head -3
sort -t, -k2,2 -k3,3nr table.csv | head -5
sort -u -n numbers.txt | wc -l
grep -E '^([a-z])[a-z]*\1$' words.txt | head -5; grep -vc e words.txt
sort words.txt >s1; sort -r words.txt | sort >s2; comm -3 s1 s2 | wc -l
fold -w 20 words.txt | head -2; expr 7 \* 6; echo '2^64; scale=20; 1/7' | bc
seq 1 20 | paste - - - - ; seq 5 | tac | nl
printf 'b 2\na 1\n' | sort >j1; printf 'a x\nb y\n' >j2; awk 'NR==FNR{m[$1]=$2;next}{print $0,m[$1]}' j1 j2
wc words.txt numbers.txt table.csv
date -u -d @1000000000 '+%Y-%m-%d %H:%M:%S'; TZ=CET-1 date -d @0 +%H
env | grep -c ^PATH=; echo 'x y z' | xargs -n1 echo item
