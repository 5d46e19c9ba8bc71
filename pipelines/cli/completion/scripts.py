"""The scripts that complete the command in bash, zsh and fish; each asks `tfmodels completion words`."""

BASH = r"""# Completion of tfmodels in bash. In ~/.bashrc:  source <(tfmodels completion bash)
_tfmodels() {
    local IFS=$'\n'
    COMPREPLY=($("$1" completion words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _tfmodels tfmodels
"""

ZSH = r"""#compdef tfmodels
# Completion of tfmodels in zsh. In ~/.zshrc, after compinit:  source <(tfmodels completion zsh)
_tfmodels() {
    local -a found
    found=(${(f)"$("${words[1]}" completion words "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then
        compadd -- $found
    else
        _files
    fi
}
compdef _tfmodels tfmodels
"""

FISH = r"""# Completion of tfmodels in fish. In ~/.config/fish/config.fish:  tfmodels completion fish | source
function __tfmodels_words
    set -l typed (commandline -opc)
    $typed[1] completion words $typed[2..-1] (commandline -ct) 2>/dev/null
end
complete -c tfmodels -a '(__tfmodels_words)'
"""

SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
