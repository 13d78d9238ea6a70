# Completion of jf for bash: source <(jf completion bash)
_jf() {
    local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} found
    found=$(jf "[suggest:${#line}]" "$line" 2> /dev/null)
    # Where nothing was begun, options would hide the files that most verbs want.
    [[ $word == -* ]] || found=$(grep -v '^[-/?]' <<< "$found")
    mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word")
}
complete -o default -F _jf jf
