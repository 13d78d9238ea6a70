#compdef jf
# Completion of jf for zsh: source <(jf completion zsh)
_jf() {
    local line="${(j: :)words[1,CURRENT]}" word="${words[CURRENT]}"
    local -a found
    found=("${(@f)$(jf "[suggest:${#line}]" "$line" 2> /dev/null)}")
    # Where nothing was begun, options would hide the files that most verbs want.
    [[ $word == -* ]] || found=(${found:#[-/?]*})
    found=(${(M)found:#${word}*})
    if (( ${#found} )); then compadd -- $found; else _files; fi
}
compdef _jf jf
