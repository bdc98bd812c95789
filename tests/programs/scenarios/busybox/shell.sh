# The shell language: functions, traps, heredocs, subshells, expansions.
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
echo "10! = $(fact 10)"
name=world
cat <<END
hello $name, $((6 * 7)), $(echo nested $(echo deep))
END
cat <<'END'
no $expansion here
END
(cd / && pwd; exit 3); echo "subshell $?"
f=archive.tar.gz; echo "${f%%.*} ${f#*.} ${f##*.} ${f%.gz} ${#f} ${f/tar/zip}"
set -- one "two words" three; for a; do echo "<$a>"; done; shift; echo $# "$*"
case "$f" in *.zip) echo zip ;; *.gz) echo gz ;; esac
i=0; while :; do i=$((i + 1)); [ $i -gt 5 ] && break; [ $i = 3 ] && continue; echo -n "$i "; done; echo
echo "${unset_variable:-default} ${name:+set}"
x=$( { echo out; echo err >&2; } 2>&1 >/dev/null ); echo "$x"
eval 'y=evaluated'; echo $y
printf '%05d|%-6s|%x|%s\n' 42 ab 255 end
read -r a b <<END
first rest of it
END
echo "$b/$a"
exec 3>third.txt; echo through three >&3; exec 3>&-; cat third.txt
local_test() { local v=inner; echo $v; }; v=outer; local_test; echo $v
