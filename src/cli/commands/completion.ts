/** Shells with a completion script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Each calls `memgpt __complete`, so completions always match the current commands and names. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of memgpt for bash. In ~/.bashrc: source <(memgpt completion bash)
_memgpt() {
  local line value current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    value=\${line%%$'\\t'*}
    case $current in
      [\\"\\']*) COMPREPLY+=("$value") ;;
      *) COMPREPLY+=("$(printf '%q' "$value")") ;;
    esac
  done < <(memgpt __complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _memgpt memgpt
`,
  zsh: `#compdef memgpt
# Completion of memgpt for zsh. In ~/.zshrc, after compinit: source <(memgpt completion zsh)
_memgpt() {
  local -a lines described
  local line
  lines=("\${(@f)$(memgpt __complete zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then
    _files
    return
  fi
  for line in $lines; do
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -t memgpt memgpt described
}
if [[ $funcstack[1] == _memgpt ]]; then
  _memgpt "$@"
else
  compdef _memgpt memgpt
fi
`,
  fish: `# Completion of memgpt for fish: memgpt completion fish > ~/.config/fish/completions/memgpt.fish
function __memgpt_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (memgpt __complete fish -- $words[2..-1] "$current" 2>/dev/null)
    if test "$lines[1]" = ":files"
        __fish_complete_path "$current"
    else
        printf '%s\\n' $lines
    end
end
complete -c memgpt -f -a '(__memgpt_complete)'
`,
};

/** `memgpt completion SHELL`. */
export function printScript(shell: Shell): void {
  process.stdout.write(SCRIPTS[shell]);
}
