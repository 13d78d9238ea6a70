using System.Text.RegularExpressions;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What README.md and docs/ tell their reader to type exists: verbs, options, specs, folders, and the pages that they link.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string[] Pages = [Repository.In("README.md"), Repository.In("cluster", "README.md"), .. Directory.GetFiles(Repository.In("docs"), "*.md")];

    private static readonly string Text = string.Join('\n', Pages.Select(File.ReadAllText));

    [Fact]
    public async Task Should_KnowEveryVerbAndOption_When_ReadmeNamesThem()
    {
        var commands = Commands().Matches(Text).Select(match => match.Groups["arguments"].Value.Trim()).Distinct().ToArray();
        Assert.Contains("run experiments/quickstart.yaml", commands);
        Assert.Contains("data icons", commands);
        foreach (var command in commands)
        {
            using var cli = new CliRun();
            var words = command.Split(' ');
            var verb = words.TakeWhile(word => VerbWord().IsMatch(word)).Take(words[0] is "data" or "backbone" or "checkpoint" or "certs" or "node" or "token" or "sweep" ? 2 : 1).ToArray();
            Assert.True(await cli.Jf([.. verb, "--help"]) == 0, $"jf {command}: {cli.Error}");
            foreach (var option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal)))
                Assert.True(cli.Out.Contains(option, StringComparison.Ordinal), $"jf {command}: its help does not know {option}");
        }
    }

    [Fact]
    public void Should_Exist_When_ReadmeNamesAFile() =>
        Assert.All(
            Paths().Matches(Text).Select(match => match.Value).Distinct(),
            path => Assert.True(File.Exists(Repository.In(path)) || Directory.Exists(Repository.In(path)), $"the pages name {path}"));

    [Fact]
    public void Should_LeadSomewhere_When_APageLinksAnother()
    {
        foreach (var page in Pages)
            Assert.All(
                Links().Matches(File.ReadAllText(page)).Select(match => match.Groups["path"].Value),
                path => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, path)), $"{page} links {path}"));
    }

    [Fact]
    public void Should_RunTheReadmesTestCommand_When_CiRuns()
    {
        const string command = "dotnet test -c Release JointFusion.sln";
        Assert.Contains(command, Text, StringComparison.Ordinal);
        Assert.Contains(command, File.ReadAllText(Repository.In(".ci", "run")), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?:`jf |src/JointFusion\.Cli -- )(?<arguments>[a-z][^`#\n]*)")]
    private static partial Regex Commands();

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex VerbWord();

    [GeneratedRegex(@"\]\((?!https?:|#)(?<path>[^)#]+)")]
    private static partial Regex Links();

    [GeneratedRegex(@"(?<![\w/])(?:experiments|src|tests|tools|cluster)/[\w./-]*\w")]
    private static partial Regex Paths();
}
