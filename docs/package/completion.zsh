#compdef myld
# Completion of myld: its options and words as myld --help lists them, then a command.

local -a options cache_words
options=(${(f)"$(myld --help 2>/dev/null | sed -n 's/^  \(--[a-z0-9-]*\)[ A-Z]*  *\(.*\)/\1:\2/p')"})
cache_words=(${(f)"$(myld --help 2>/dev/null | sed -n '/^Words of --cache/,/^$/s/^  \([a-z]*\)[ A-Z.]*  *\(.*\)/\1:\2/p')"})

if [[ ${words[CURRENT - 1]} == --cache ]]; then
	_describe word cache_words
elif [[ ${PREFIX} == -* ]]; then
	_describe option options
else
	_normal
fi
