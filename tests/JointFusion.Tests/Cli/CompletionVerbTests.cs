using System.Diagnostics;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The scripts in the shells themselves, over the <c>jf</c> beside these tests.</summary>
public sealed class CompletionVerbTests
{
    /// <summary>What each shell does when a user presses Tab: in bash and zsh the variables of a completion are set and its function called.</summary>
    private static readonly Dictionary<string, string> Tab = new()
    {
        ["bash"] = """source <(jf completion bash); COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$1"; [[ $1 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _jf; printf '%s\n' "${COMPREPLY[@]}" """,
        ["zsh"] = """compdef() {}; compadd() { shift; print -l -- $@ }; _files() { print FILES }; source <(jf completion zsh); words=("${(@s: :)1}"); CURRENT=${#words}; _jf""",
        ["fish"] = "jf completion fish | source; complete -C $argv[1]",
        ["pwsh"] = "jf completion powershell | Out-String | Invoke-Expression; (TabExpansion2 -inputScript $env:JF_LINE -cursorColumn $env:JF_LINE.Length).CompletionMatches | ForEach-Object CompletionText",
    };

    public static TheoryData<string> Shells => [.. Tab.Keys];

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Should_offer_the_parts_of_a_verb_When_it_stands_there(string shell) =>
        Assert.Equal(["export", "ls", "pull", "verify"], await PressTabAsync(shell, "jf checkpoint "));

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Should_offer_verbs_that_begin_so_When_one_is_begun(string shell) =>
        Assert.Equal(["plan", "play"], await PressTabAsync(shell, "jf pl"));

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Should_offer_options_When_one_is_begun(string shell) =>
        Assert.Equal(["--json"], await PressTabAsync(shell, "jf plan --js"));

    private static string[] Places(string shell) =>
        [$"/usr/bin/{shell}", $"/bin/{shell}", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools", shell)];

    private static async Task<string[]> PressTabAsync(string shell, string line)
    {
        var program = Places(shell).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"There is no {shell}: {(shell == "pwsh" ? "dotnet tool install --global PowerShell" : $"apt-get install {shell}")}");
        string[] arguments = shell switch
        {
            "fish" => ["--no-config", "-c", Tab[shell], line],
            "pwsh" => ["-NoProfile", "-NonInteractive", "-Command", Tab[shell]],
            _ => [shell == "zsh" ? "-f" : "--norc", "-c", Tab[shell], shell, line],
        };
        var start = new ProcessStartInfo(program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["JF_LINE"], start.Environment["POWERSHELL_TELEMETRY_OPTOUT"]) = (line, "1");
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var offers = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(offer => offer.Split('\t')[0]).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.True(offers.Length > 0, await error);
        return offers;
    }
}
