using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class SweepBoardTests
{
    private static readonly ScoreConditions Usual = Conditions("448 candidates, 500 queries");

    [Fact]
    public void Should_rank_by_the_ends_when_runs_have_come_to_them()
    {
        var board = SweepBoard.Of(["seed"], [Row("a", 0.2), Row("b", 0.4), Row("c", 0.4), Row("d", null, (50, 0.9))]);

        Assert.Equal([3, 1, 1, null], board.Rows.Select(row => row.Rank));
        Assert.Equal((Usual, null), (board.Conditions, board.Rung));
    }

    [Fact]
    public void Should_label_and_not_rank_a_run_when_it_was_measured_otherwise()
    {
        var smaller = Row("b", null) with { Score = new RunScore(0.9, Conditions("100 candidates, 500 queries")) };

        var board = SweepBoard.Of(["seed"], [smaller, Row("a", 0.2), Row("c", 0.4)]);

        Assert.Equal([null, 2, 1], board.Rows.Select(row => row.Rank));
        Assert.Equal("task 7 local: 100 candidates, 500 queries against 448 candidates, 500 queries", board.Rows[0].Otherwise);
        Assert.Null(board.Rows[1].Otherwise);
    }

    [Fact]
    public void Should_rank_by_the_furthest_rung_that_several_have_come_to_when_none_is_at_its_end()
    {
        var board = SweepBoard.Of(["seed"], [Row("a", null, (50, 0.1), (150, 0.3)), Row("b", null, (50, 0.2), (150, 0.2)), Row("c", null, (50, 0.5)), Row("d", null, (50, 0.1), (150, 0.4), (450, 0.6))]);

        Assert.Equal(150, board.Rung);
        Assert.Equal([2, 3, null, 1], board.Rows.Select(row => row.Rank));
    }

    [Fact]
    public void Should_read_values_and_scores_from_the_folder_when_it_has_a_sweep()
    {
        using var experiment = new TemporaryExperiment(SweptExperiment.Runs());
        SweptExperiment.WriteSpec(experiment.Folder);

        var board = new SweepReader().Read(Shelf(experiment.Folder), ImmutableDictionary<string, RunStatus>.Empty, ImmutableDictionary<string, ImmutableArray<RungInfo>>.Empty);

        Assert.Equal(["retriever.fusion", "seed"], board.Keys.Order(StringComparer.Ordinal));
        var row = board.Rows.Single(row => row.Name == "score-seed8");
        Assert.Equal(("score", "8", "fusion score"), (row.Values["retriever.fusion"], row.Values["seed"], row.WithoutSeed));
        var rows = SweptExperiment.Runs().Single(run => run.Name == "score-seed8").Rows().Where(one => one.Split == "test").ToList();
        Assert.Equal(RungScore.Of(rows, SweepMetric.Recall), row.Score!.Value);
        Assert.All(board.Rows, one => Assert.NotNull(one.Rank));
    }

    [Fact]
    public void Should_compare_anew_when_another_run_was_evaluated()
    {
        using var experiment = new TemporaryExperiment(SweptExperiment.Runs());
        var folder = experiment.Folder;
        var (late, aside) = (folder.Run("score-seed8").Evaluation, folder.Run("score-seed8").Evaluation + ".aside");
        File.Move(late, aside);
        var reader = new SweepReader();

        var before = reader.Results(Shelf(folder));
        File.Move(aside, late);
        File.SetLastWriteTimeUtc(late, DateTime.UtcNow.AddSeconds(5));
        var after = reader.Results(Shelf(folder));

        Assert.Equal([7], before.Comparisons.Select(one => one.Seed).Distinct());
        Assert.Equal([7, 8], after.Comparisons.Select(one => one.Seed).Distinct().Order());
        Assert.Same(after, reader.Results(Shelf(folder)));
    }

    [Fact]
    public void Should_draw_each_run_through_its_values_when_they_differ()
    {
        SweepRow[] rows =
        [
            .. SweepBoard.Of(["rate", "constant"], [
                Row("a", 0.2) with { Values = Values(("rate", "1e-4"), ("constant", "1")) },
                Row("b", 0.4) with { Values = Values(("rate", "1e-2"), ("constant", "1")) },
                Row("c", 0.3) with { Values = Values(("rate", "1e-3"), ("constant", "1")) },
            ]).Rows,
        ];

        var plot = new ParallelPlot(rows, ["rate", "constant"], "recall");

        Assert.Equal(["rate", "recall"], plot.Axes.Select(axis => axis.Name));
        Assert.Equal(["a", "c", "b"], plot.Lines.Select(line => line.Row.Name)); // The best on top.
        Assert.Equal("M64,158L656,158", plot.Lines[1].Path); // Half way between by logarithms, and by recall.
    }

    private static ShelvedExperiment Shelf(ExperimentFolder folder) => ExperimentShelf.Of(folder).All[0];

    private static ScoreConditions Conditions(string cell) => new("icons@1", "test", "first", ImmutableSortedDictionary<string, string>.Empty.Add("task 7 local", cell));

    private static ImmutableSortedDictionary<string, string> Values(params (string Key, string Value)[] values) => values.ToImmutableSortedDictionary(value => value.Key, value => value.Value);

    private static SweepRow Row(string name, double? score, params (int Step, double Value)[] rungs) => new(
        new ShelvedRun($"one/{name}", name, new RunFolder(name)), null, "early", 1, ImmutableSortedDictionary<string, string>.Empty,
        [.. rungs.Select(rung => new RungInfo(rung.Step, "recall", rung.Value))], score is { } value ? new RunScore(value, Usual) : null);
}
