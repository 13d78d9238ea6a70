# Completion of jf for PowerShell: jf completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName jf -ScriptBlock {
    param($word, $ast, $cursor)
    $line = $ast.ToString().PadRight($cursor).Substring(0, $cursor)
    jf "[suggest:$cursor]" $line 2> $null |
        Where-Object { $_ -like "$word*" -and ($word -like '-*' -or $_ -notmatch '^[-/?]') } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
