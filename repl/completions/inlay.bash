# Completion of the inlay command for bash.
_inlay() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=
  local commands="run check lower explain timeit help"
  local options="-c -i --interactive -q --quiet --threads --no-fuse --limit --sandbox --allow-read --allow-write --vars-json --no-init --color --keep-going --json-errors --version -h --help"
  ((COMP_CWORD > 1)) && [[ " $commands " == *" ${COMP_WORDS[1]} "* ]] && command=${COMP_WORDS[1]}
  case $command in
    lower) options="--stage -c --no-fuse --limit --sandbox --color" ;;
    explain) options="-c --threads --limit --sandbox --color" ;;
    check) options="--json-errors --limit --sandbox --color" ;;
    timeit) options="-s --setup --budget --threads --no-fuse --json" ;;
    help) options="--json" ;;
  esac
  case $previous in
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$word")); return ;;
    --stage) COMPREPLY=($(compgen -W "ast ir" -- "$word")); return ;;
    -c | -s | --setup | --budget | --threads) return ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  [[ $command == help || $command == timeit ]] && return
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -X '!*.inlay' -- "$word") $(compgen -d -- "$word"))
  ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W "$commands" -- "$word"))
}
complete -F _inlay inlay
