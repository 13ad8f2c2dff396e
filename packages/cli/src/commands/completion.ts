/** `kindling completion`: a few lines for each shell, which ask `kindling complete` what may stand at the cursor. */
import { Argument, type Command } from 'commander'

const SCRIPTS = {
  bash: `_kindling() {
  local IFS=$'\\n'
  COMPREPLY=($(kindling complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _kindling kindling
`,
  zsh: `#compdef kindling
_kindling() {
  local -a candidates
  candidates=("\${(@f)$(kindling complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[*]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _kindling kindling
`,
  fish: `complete -c kindling -a '(kindling complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const

type Shell = keyof typeof SCRIPTS

const HELP = `
To switch it on, for this session or in the file that your shell reads at its start:
  bash  source <(kindling completion bash)
  zsh   source <(kindling completion zsh)
  fish  kindling completion fish | source`

export function define(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action((shell: Shell) => void process.stdout.write(SCRIPTS[shell]))
}
