using System.CommandLine;

namespace JointFusion.Cli;

/// <summary><c>jf completion SHELL</c>: the script with which a shell asks <c>jf</c> itself (its <c>[suggest]</c> directive) how a line may go on.</summary>
public sealed class CompletionVerb(CliContext context) : Verb
{
    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = "jf.bash", ["zsh"] = "jf.zsh", ["fish"] = "jf.fish", ["powershell"] = "jf.ps1" };

    public override IReadOnlyList<Example> Examples =>
    [
        new("source <(jf completion bash)", "in ~/.bashrc; zsh alike in ~/.zshrc, after compinit"),
        new("jf completion fish | source", "in ~/.config/fish/config.fish"),
        new("jf completion powershell | Out-String | Invoke-Expression", "in $PROFILE"),
    ];

    protected override Command Declare()
    {
        var shell = new Argument<string>("SHELL") { Description = string.Join(", ", Scripts.Keys) + "." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that lets a shell complete jf's verbs and options.") { shell };
        command.SetAction(parsed =>
        {
            using var script = new StreamReader(typeof(CompletionVerb).Assembly.GetManifestResourceStream(Scripts[parsed.GetRequiredValue(shell)])!);
            context.RawOut.Write(script.ReadToEnd());
            return ExitCode.Ok;
        });
        return command;
    }
}
