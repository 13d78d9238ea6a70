using System.CommandLine;
using System.Text.Json;
using JointFusion.Cli;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Whatever prints data prints it as JSON too.</summary>
public sealed class JsonOptionTests
{
    /// <summary>What those print that have no data to print.</summary>
    private static readonly SortedDictionary<string, string> WithoutData = new(StringComparer.Ordinal)
    {
        ["agent"] = "what its workers do, until it is ended",
        ["cancel"] = "that it was asked",
        ["certs init"] = "where the two files are",
        ["certs node"] = "which files to bring where",
        ["completion"] = "a script for a shell",
        ["logs"] = "lines as the ranks wrote them",
        ["node drain"] = "that it was asked",
        ["node release"] = "that it was asked",
        ["node undrain"] = "that it was asked",
        ["pause"] = "that it was asked",
        ["play"] = "a link, until it is ended",
        ["priority"] = "that it was asked",
        ["query-worker"] = "nothing: the server starts it",
        ["resume"] = "that it was asked",
        ["run"] = "how it goes; results.json holds what came of it, and jf report --json prints that",
        ["schema"] = "JSON, and nothing else",
        ["serve"] = "what happens, until it is ended",
        ["sweep extend"] = "that it was done",
        ["sweep pause"] = "that it was asked",
        ["sweep resume"] = "that it was asked",
        ["sweep stop"] = "that it was asked",
        ["token create"] = "the token, and nothing else",
        ["token revoke"] = "that it was done",
        ["worker"] = "nothing: an agent starts it",
    };

    [Fact]
    public void Should_know_the_option_when_a_verb_prints_data()
    {
        using var cli = new CliRun();
        var without = Leaves(JointFusionCommand.Create(cli.Context), "")
            .Where(leaf => leaf.Command.Options.All(option => option.Name != "--json")).Select(leaf => leaf.Path).Order(StringComparer.Ordinal);

        Assert.Equal(WithoutData.Keys, without);
    }

    [Fact]
    public async Task Should_print_json_when_a_list_of_drills_is_asked_for()
    {
        using var cli = new CliRun();

        Assert.Equal(ExitCode.Ok, await cli.Jf("drill", "--list", "--json"));

        Assert.Contains("kill-worker", JsonDocument.Parse(cli.Out).RootElement.EnumerateArray().Select(drill => drill.GetProperty("name").GetString()));
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path.TrimStart(), command)]
        : command.Subcommands.SelectMany(part => Leaves(part, $"{path} {part.Name}"));
}
