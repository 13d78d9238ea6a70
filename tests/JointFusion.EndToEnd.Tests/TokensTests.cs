using System.Collections.Immutable;
using System.Text.Json;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>People with tokens of their own before a real server: each does what their role may, specs of others read nothing outside the data roots, and all of it is written down.</summary>
public sealed class TokensTests : IAsyncLifetime
{
    private readonly ServedCluster cluster = new(TestPaths.Cache);

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_DoWhatTheRoleMay_When_EachShowsTheirToken()
    {
        var wall = await TokenAsync("wall", "viewer");
        var ann = await TokenAsync("ann", "submitter");
        Directory.CreateSymbolicLink(Path.Combine(TestPaths.Cache, "leak"), "/etc");

        Assert.Equal((0, ""), await AskAsync(wall, "status"));
        AssertRefused("\"wall\" is a viewer: to submit takes a submitter's token", await AskAsync(wall, "submit", Spec("/nowhere"), "--name", "first"));
        AssertRefused("to drain takes an admin's token", await AskAsync(ann, "node", "drain", "gpu1"));
        AssertRefused("leads upwards by \"..\"", await AskAsync(ann, "submit", Spec("../../etc"), "--name", "first"));
        AssertRefused("outside the data roots", await AskAsync(ann, "submit", Spec("/etc"), "--name", "first"));
        AssertRefused("by a link", await AskAsync(ann, "submit", Spec("leak"), "--name", "first"));
        Assert.False(Directory.Exists(cluster.Experiment("first").Path));
        Assert.Equal(0, (await JfAsync("token", "revoke", "ann", "--root", "root")).ExitCode);
        AssertRefused("does not know this user's token", await AskAsync(ann, "status"));

        var audit = (await JfAsync("audit", "--json", "--root", "root")).Output;
        Assert.Equal(
            [
                "token create wall (viewer): done", "token create ann (submitter): done", "submit first: 403 Not allowed", "drain gpu1: 403 Not allowed",
                "submit first: 400 The spec has faults", "submit first: 400 The spec has faults", "submit first: 400 The spec has faults", "token revoke ann: done",
                "GET /api/v1/cluster: 401 no token",
            ],
            audit.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Select(entry => $"{Text(entry, "what")} {Text(entry, "on")}: {Text(entry, "outcome")}"));
        Assert.All(Directory.GetFiles(Path.Combine(cluster.Folder, "root"), "*.json*"), file => Assert.DoesNotContain(ann, File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static void AssertRefused(string words, (int ExitCode, string Errors) answer)
    {
        Assert.Contains(words, answer.Errors, StringComparison.Ordinal);
        Assert.Equal(2, answer.ExitCode);
    }

    private static string? Text(JsonElement entry, string key) => entry.GetProperty(key).GetString();

    private async Task<string> TokenAsync(string name, string role)
    {
        var made = await JfAsync("token", "create", name, "--role", role, "--root", "root");
        Assert.True(made.ExitCode == 0, made.Errors);
        return made.Output.Trim();
    }

    private Task<JfResult> JfAsync(params IEnumerable<string> arguments) => JfProcess.RunAsync(cluster.Folder, arguments);

    private async Task<(int, string)> AskAsync(string token, params IEnumerable<string> arguments)
    {
        var done = await JfProcess.RunAsync(cluster.Folder, ImmutableDictionary<string, string>.Empty.Add("JF_TOKEN", token), [.. arguments, "--server", cluster.Url]);
        return (done.ExitCode, done.Errors.Trim());
    }

    private static string Spec(string root) => new SmallExperiment(root, workers: 1, fusions: "early").Spec;
}
