# dash: the language itself; pipes run busybox's tools.
set -eu
sum=0; for n in 1 2 3 4 5; do sum=$((sum + n)); done; echo "sum $sum"
f() { echo "f got $# $*"; return 4; }
f a "b c" || echo "returned $?"
cat <<END | while read -r l; do echo "[$l]"; done
$(printf 'a\nb')
\$literal \`too
END
v=path/to/file.c; echo "${v##*/} ${v%/*} ${v%.c}.o"
set -- x y z; echo "$1${2}$3 $#"; shift 2; echo "$*"
(set +e; false; echo "after false $?"); echo "$(pwd -P >/dev/null && echo pwd)"
trap 'echo exit trap' EXIT
trap 'echo hup' HUP; kill -HUP $$
command -v echo; type cd; umask 022; umask
i=0; until [ $i -ge 3 ]; do i=$((i+1)); printf '%s,' "$i"; done; echo
printf '%d %o %X %5.2f %s\n' 10 8 255 3.14159 end
echo a:b:c | (IFS=: read -r p q r; echo "$r$q$p")
case abc in a*c) echo glob;; esac
test -f words.txt -a ! -d words.txt && echo file
alias ll='echo aliased'
ll
readonly R=1; (R=2) 2>/dev/null || echo "readonly kept"
ulimit -c 0; times >/dev/null; hash -r; getopts ab: opt -b val; echo "$opt $OPTARG"
