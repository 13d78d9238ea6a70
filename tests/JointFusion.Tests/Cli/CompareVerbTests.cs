using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary><c>jf compare</c>: differences where rows agree in what was asked, words where they do not.</summary>
public sealed class CompareVerbTests : IDisposable
{
    // On "add": first finds 1 of 4 within 5, second 3 of 4; each concept gains exactly one of its two queries.
    private static readonly FixtureRun First = new("first", Fusion.Score)
    {
        Queries = [new("q1", 7, "add", "calendar", 1), new("q2", 7, "add", "calendar", 9), new("q3", 7, "add", "cloud", 8), new("q4", 7, "add", "cloud", null)],
    };

    private static readonly FixtureRun Second = First with
    {
        Name = "second",
        Queries = [new("q1", 7, "add", "calendar", 1), new("q2", 7, "add", "calendar", 4), new("q3", 7, "add", "cloud", 2), new("q4", 7, "add", "cloud", null)],
    };

    private readonly CliRun cli = new();

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task Should_subtract_query_by_query_When_rows_agree()
    {
        using var experiment = new TemporaryExperiment(First, Second);

        var row = await RowAsync(experiment.Folder.Path);

        Assert.Equal([0.25, 0.75], row.GetProperty("values").EnumerateArray().Select(value => value.GetProperty("value").GetDouble()));
        var difference = row.GetProperty("values")[1].GetProperty("minus_first");
        Assert.Equal((0.5, 0.5, 0.5, 2), (Number(difference, "value"), Number(difference, "ci_low"), Number(difference, "ci_high"), difference.GetProperty("concepts").GetInt32()));
        Assert.Equal(ExitCode.Ok, await cli.Jf("compare", experiment.Folder.Path));
        Assert.Contains("+50.0 [+50.0, +50.0]", cli.Out);
        Assert.Contains("second was trained like first.", cli.Out);
    }

    [Fact]
    public async Task Should_name_the_conditions_and_subtract_nothing_When_they_differ()
    {
        using var experiment = new TemporaryExperiment(First, Second with { PoolSize = 60 });

        var value = (await RowAsync(experiment.Folder.Path)).GetProperty("values")[1];

        Assert.Equal(JsonValueKind.Null, value.GetProperty("minus_first").ValueKind);
        Assert.Equal("pool size 50 against 60", value.GetProperty("not_paired").GetString());
        Assert.Equal(ExitCode.Ok, await cli.Jf("compare", experiment.Folder.Path));
        Assert.Contains("(1) not subtracted: pool size 50 against 60", cli.Out);
        Assert.DoesNotContain("+50.0", cli.Out);
    }

    [Fact]
    public async Task Should_subtract_and_say_so_When_only_the_training_differs()
    {
        using var experiment = new TemporaryExperiment(First, Second with { Seed = 8, Ledger = "ledger-b", Steps = 80 });

        Assert.Equal(ExitCode.Ok, await cli.Jf("compare", experiment.Folder.Path));

        Assert.Contains("+50.0 [+50.0, +50.0]", cli.Out);
        Assert.Contains("second was trained otherwise than first: seed 7 against 8; stages[0].steps 10 against 20; stages[1].steps 30 against 60; ledger ledger-a against ledger-b.", cli.Out.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task Should_compare_what_eval_wrote_When_there_is_no_plan_beside()
    {
        using var experiment = new TemporaryExperiment(First, Second);
        File.Delete(experiment.Folder.Run("second").Plan);

        Assert.Equal(ExitCode.Ok, await cli.Jf("compare", experiment.Folder.Run("first").Path, experiment.Folder.Run("second").Path));

        Assert.Contains("+50.0 [+50.0, +50.0]", cli.Out);
        Assert.Contains("second was trained otherwise than first: plan plan-of-first against plan-of-second.", cli.Out);
    }

    [Fact]
    public async Task Should_name_the_way_out_When_there_is_nothing_to_compare()
    {
        using var experiment = new TemporaryExperiment(First, Second);
        File.Delete(experiment.Folder.Run("second").Evaluation);

        await Refused("first alone: there is nothing to compare it with", experiment.Folder.Path);
        await Refused("the run has not been evaluated yet. 'jf eval ", experiment.Folder.Run("second").Path);
        await Refused("there is no such folder", Path.Combine(experiment.Folder.Path, "nowhere"));
        Write(experiment.Folder.Run("first").Evaluation, "{ torn");
        await Refused("not a EvaluationReport", experiment.Folder.Run("first").Path);
    }

    [Fact]
    public async Task Should_say_which_splits_there_are_When_another_is_named()
    {
        using var experiment = new TemporaryExperiment(First, Second);

        await Refused("--split val: none of these runs was evaluated on it; there are test.", experiment.Folder.Path, "--split", "val");
    }

    private async Task Refused(string words, params string[] arguments)
    {
        Assert.Equal(ExitCode.BadInput, await cli.Jf(["compare", .. arguments]));
        Assert.Contains(words, cli.Error);
        Assert.Empty(cli.Out);
    }

    private static void Write(string path, string text) => File.WriteAllText(path, text);

    private static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();

    /// <summary>That of "add", local pool, recall at 5, own picture left out.</summary>
    private static async Task<JsonElement> RowAsync(string folder)
    {
        using var json = new CliRun();
        Assert.Equal(ExitCode.Ok, await json.Jf("compare", folder, "--json"));
        return JsonDocument.Parse(json.Out).RootElement.GetProperty("rows").EnumerateArray().Single(row =>
            row.GetProperty("pool").GetString() == "local" && row.GetProperty("operation").GetString() == "add" && row.GetProperty("metric").GetString() == "recall"
            && row.GetProperty("k").GetInt32() == 5 && row.GetProperty("inputs").GetString() == "query" && !row.GetProperty("own_image_in_pool").GetBoolean());
    }
}
