# Completion of jf for fish: jf completion fish | source
function __jf_complete
    set -l line (commandline -cp)
    set -l word (commandline -ct)
    set -l found (jf "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null)
    # Where nothing was begun, options would hide the files that most verbs want.
    if not string match -q -- '-*' "$word"
        set found (string match -rv '^[-/?]' -- $found)
    end
    string match -- "$word*" $found
end
# Files are offered only where jf itself knows no way to go on.
complete -c jf -f -n 'count (__jf_complete) > /dev/null' -a '(__jf_complete)'
