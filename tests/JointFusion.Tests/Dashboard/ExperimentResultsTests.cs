using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public class ExperimentResultsTests
{
    // Four queries on "add" about two concepts, two on "toggle". Early finds 3 of 4 within 5, score 1 of 4.
    private static readonly FixtureRun Early = new("early", Fusion.Early)
    {
        Queries =
        [
            new("q1", 7, "add", "calendar", 1), new("q2", 7, "add", "calendar", 4), new("q3", 7, "add", "cloud", 2), new("q4", 7, "add", "cloud", null),
            new("q5", 7, "toggle", "sun", 1), new("q6", 7, "toggle", "moon", 1),
        ],
    };

    private static readonly FixtureRun Score = new("score", Fusion.Score)
    {
        Queries =
        [
            new("q1", 7, "add", "calendar", 1), new("q2", 7, "add", "calendar", 9), new("q3", 7, "add", "cloud", 8), new("q4", 7, "add", "cloud", null),
            new("q5", 7, "toggle", "sun", null), new("q6", 7, "toggle", "moon", null),
        ],
    };

    [Fact]
    public void Should_subtract_late_from_early_over_the_same_queries()
    {
        var comparison = Headline(Results(Early, Score), "add", 5);

        Assert.Equal(("early", "score", 4, 2), (comparison.Early, comparison.Late, comparison.Queries, comparison.Concepts));
        Assert.Equal((0.75, 0.25, 0.5), (comparison.EarlyValue, comparison.LateValue, comparison.Difference));
        // Each concept gains exactly one of its two queries: every resample of concepts has the same mean.
        Assert.Equal((0.5, 0.5), (comparison.CiLow, comparison.CiHigh));
    }

    [Fact]
    public void Should_resample_concepts_and_not_queries()
    {
        // All the gain is in one concept of two: a resample holds it 0, 1 or 2 times.
        var late = Early with { Name = "score", Fusion = Fusion.Score, Queries = [.. Early.Queries.Select(q => q.Concept == "calendar" ? q with { Rank = null } : q)] };

        var comparison = Headline(Results(Early, late), "add", 5);

        Assert.Equal((0.5, 0.0, 1.0), (comparison.Difference, comparison.CiLow, comparison.CiHigh));
    }

    [Fact]
    public void Should_compare_every_split_pool_operation_own_picture_and_k()
    {
        var results = Results(Early with { Splits = ["test", "unseen"] }, Score with { Splits = ["test", "unseen"] });

        // 2 splits x 2 pools x (add, toggle, all, all but toggle) x own picture in or out x k of 1, 5, 10
        Assert.Equal(2 * 2 * 4 * 2 * 3, results.Comparisons.Length);
        Assert.Equal(results.Comparisons.Length, results.Comparisons.Distinct().Count());
        Assert.Empty(results.NotCompared);
    }

    [Fact]
    public void Should_leave_the_control_out_of_the_mean_that_stands_for_the_task()
    {
        var results = Results(Early, Score);

        Assert.Equal(5 / 6.0 - 1 / 6.0, Headline(results, "all", 5).Difference, 12);
        Assert.Equal(0.5, Headline(results, "all_but_toggle", 5).Difference, 12);
        Assert.Equal(4, Headline(results, "all_but_toggle", 5).Queries);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("ledger")]
    [InlineData("data")]
    [InlineData("stages")]
    public void Should_say_why_and_not_compare_when_a_condition_of_the_runs_differs(string condition)
    {
        var late = condition switch
        {
            "seed" => Score with { Seed = 8 },
            "ledger" => Score with { Ledger = "ledger-b" },
            "data" => Score with { Manifest = "ffffffffffff" },
            _ => Score with { Steps = 80 },
        };

        var results = Results(Early, late);

        Assert.Empty(results.Comparisons);
        var refused = Assert.Single(results.NotCompared);
        // Refused as runs, before any row was looked at.
        Assert.Equal(("early", "score", 0), (refused.Early, refused.Late, refused.Rows));
        Assert.Contains(condition, refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_rows_whose_pools_differ_in_size()
    {
        var results = Results(Early, Score with { PoolSize = 51 });

        Assert.Empty(results.Comparisons);
        Assert.Contains(results.NotCompared, refused => refused.Reason == "pool size 50 against 51" && refused.Rows == 18);
    }

    [Fact]
    public void Should_refuse_when_outcomes_and_rows_tell_different_stories()
    {
        using var experiment = new TemporaryExperiment(Early, Score);
        var outcomes = experiment.Folder.Run("score").Outcomes;
        File.Copy(experiment.Folder.Run("early").Outcomes, outcomes, overwrite: true);

        var results = ExperimentResults.From(ExperimentReader.Read(experiment.Folder));

        Assert.Contains(results.NotCompared, refused => refused.Reason == "outcomes.jsonl does not add up to evaluation.json");
        Assert.DoesNotContain(results.Comparisons, comparison => comparison is { Operation: "add", K: 5, OwnImageInPool: false });
    }

    [Fact]
    public void Should_pair_each_seed_with_its_own_in_a_sweep()
    {
        var results = Results(
            Early, Score,
            Early with { Name = "early-seed8", Seed = 8, Ledger = "ledger-8" }, Score with { Name = "score-seed8", Seed = 8, Ledger = "ledger-8" });

        Assert.Equal([("early", "score"), ("early-seed8", "score-seed8")], results.Comparisons.Select(c => (c.Early, c.Late)).Distinct());
        Assert.Empty(results.NotCompared);
    }

    [Fact]
    public void Should_keep_the_raw_pixel_rows_once()
    {
        var results = Results(Early, Score);

        var pixels = results.Rows.Where(row => row.Fusion == "pixels").ToList();
        Assert.NotEmpty(pixels);
        Assert.All(pixels, row => Assert.Equal("early", row.Run));
        // The others are all kept: 2 runs x (query, image, text) against pixels once.
        Assert.Equal(7 * pixels.Count, results.Rows.Length);
    }

    [Fact]
    public void Should_write_results_that_read_back_equal_and_leave_nothing_beside_them()
    {
        using var experiment = new TemporaryExperiment(Early, Score);
        var results = ExperimentResults.From(ExperimentReader.Read(experiment.Folder));

        results.Write(experiment.Folder);
        results.Write(experiment.Folder);

        var read = JsonSerializer.Deserialize<ExperimentResults>(File.ReadAllText(experiment.Folder.Results), JointFusionJson.File)!;
        Assert.Equal(1, read.Schema);
        Assert.Equal(results.Rows.AsEnumerable(), read.Rows);
        Assert.Equal(results.Comparisons.AsEnumerable(), read.Comparisons);
        Assert.Equal(["results.json", "runs"], Directory.EnumerateFileSystemEntries(experiment.Folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Should_name_runs_that_are_not_evaluated_yet()
    {
        using var experiment = new TemporaryExperiment(Early, Score);
        File.Delete(experiment.Folder.Run("score").Evaluation);

        var results = ExperimentResults.From(ExperimentReader.Read(experiment.Folder));

        Assert.Equal(["score"], results.NotEvaluated);
        Assert.All(results.Rows, row => Assert.Equal("early", row.Run));
    }

    [Fact]
    public void Should_count_a_step_once_when_a_restart_did_it_again_and_skip_a_torn_last_line()
    {
        using var experiment = new TemporaryExperiment(Early);
        var metrics = experiment.Folder.Run("early").Metrics;
        var again = Early.Step(40) with { Generation = 2, Loss = 0.125 };
        File.AppendAllText(metrics, JsonSerializer.Serialize(again, JointFusionJson.Line) + "\n{\"run\":\"ear");

        var steps = ExperimentReader.ReadSteps(experiment.Folder.Run("early"));

        Assert.Equal(Enumerable.Range(1, 40), steps.Select(step => step.Step));
        Assert.Equal(0.125, steps[^1].Loss);
    }

    [Fact]
    public void Should_name_file_and_line_when_a_line_is_damaged()
    {
        using var experiment = new TemporaryExperiment(Early);
        var outcomes = experiment.Folder.Run("early").Outcomes;
        var lines = File.ReadAllLines(outcomes);
        lines[2] = lines[2][..20];
        File.WriteAllLines(outcomes, lines);

        var fault = Assert.Throws<InvalidDataException>(() => ExperimentReader.Read(experiment.Folder));

        Assert.StartsWith($"{outcomes}:3: not a QueryOutcome", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_summarise_the_local_pool_without_own_pictures_best_marked()
    {
        var summary = ExperimentSummary.From(Results(Early, Score));

        var add = Assert.Single(summary.Rows, row => row.Operation == "add");
        Assert.Equal([("early", 0.75, true), ("score", 0.25, false)], add.Values.Select(v => (v.Run, v.Value, v.Best)));
        Assert.Equal(0.5, Assert.Single(add.Differences).Difference);
        Assert.True(Assert.Single(summary.Rows, row => row.Operation == "toggle").IsControl);
    }

    private static ExperimentResults Results(params FixtureRun[] runs)
    {
        using var experiment = new TemporaryExperiment(runs);
        return ExperimentResults.From(ExperimentReader.Read(experiment.Folder));
    }

    private static Comparison Headline(ExperimentResults results, string operation, int k) => Assert.Single(
        results.Comparisons, c => c.Split == "test" && c.Pool == PoolKind.Local && c.Operation == operation && c.K == k && !c.OwnImageInPool);
}
