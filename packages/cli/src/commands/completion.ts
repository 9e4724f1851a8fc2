/** `csvjobs completion`: prints a shell script that calls `csvjobs __complete` at each Tab. */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Without -o nosort, bash sorts; bash 3.2 (macOS) supports neither that nor compopt. */
const BASH = String.raw`# bash completion for csvjobs
_csvjobs() {
  local line lines
  COMPREPLY=()
  lines=$(csvjobs __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $lines == :files ]]; then
    local word=\${COMP_WORDS[COMP_CWORD]}
    [[ $word == = ]] && word=
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    return
  fi
  while IFS= read -r line; do
    [[ -n $line ]] && COMPREPLY+=("\${line%%$'\t'*}")
  done <<< "$lines"
}
complete -o nosort -F _csvjobs csvjobs 2>/dev/null || complete -F _csvjobs csvjobs`;

const ZSH = String.raw`#compdef csvjobs
_csvjobs() {
  local -a lines values shown
  local line
  lines=("\${(@f)$(csvjobs __complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in $lines; do
    [[ -z $line ]] && continue
    values+=("\${line%%$'\t'*}")
    if [[ $line == *$'\t'* ]]; then
      shown+=("\${line%%$'\t'*}  -- \${line#*$'\t'}")
    else
      shown+=("$line")
    fi
  done
  (( \${#values} )) && compadd -l -V csvjobs -d shown -a -- values
}
if [[ $funcstack[1] == _csvjobs ]]; then _csvjobs "$@"; else compdef _csvjobs csvjobs; fi`;

const FISH = String.raw`# fish completion for csvjobs
function __csvjobs_complete
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    set -l lines (csvjobs __complete fish -- $words 2>/dev/null)
    if test "$lines[1]" = :files
        set -l word (commandline -ct)
        set -l flag (string match -r -- '^--[^=]*=' $word)
        string replace -r -- '^' "$flag" (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $word))
        return
    end
    printf '%s\n' $lines
end
complete -c csvjobs -f -k -a '(__csvjobs_complete)'`;

const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH };

/** Prints the script. */
export async function completion({ out }: Context, shell: Shell): Promise<ExitCode> {
  out.line(SCRIPTS[shell].replaceAll('\\${', '${'));
  return EXIT.done;
}
