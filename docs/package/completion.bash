# Completion of myld: its options and words as myld --help lists them, then a command.

_myld_words() {
	myld --help 2>/dev/null | sed -n "$1"
}

_myld() {
	local word=${COMP_WORDS[COMP_CWORD]} i

	# Behind the program everything is the program's own.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--library-path | --preload | --argv0 | --inhibit-rpath | --glibc-hwcaps-* | --audit | --limit) ((i++)) ;;
		--cache) ((i++)) ;;
		-*) ;;
		*)
			declare -F _command_offset >/dev/null && _command_offset "$i"
			return
			;;
		esac
	done
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --cache ]]; then
		COMPREPLY=($(compgen -W "$(_myld_words '/^Words of --cache/,/^$/s/^  \([a-z]*\).*/\1/p')" -- "$word"))
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --library-path ]]; then
		COMPREPLY=($(compgen -d -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(_myld_words 's/^  \(--[a-z0-9-]*\).*/\1/p')" -- "$word"))
	else
		COMPREPLY=($(compgen -c -- "$word") $(compgen -f -- "$word"))
	fi
}

complete -o filenames -F _myld myld
