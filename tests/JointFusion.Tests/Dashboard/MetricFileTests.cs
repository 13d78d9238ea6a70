using System.Globalization;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Curves out of metrics.jsonl: true points, few enough, of a file of any length that grows and goes back.</summary>
public sealed class MetricFileTests : IDisposable
{
    private const int Million = 1_000_000;
    private static readonly StepRange All = new(1, int.MaxValue);
    private readonly TemporaryFolder folder = new();

    private string Path => folder.In("metrics.jsonl");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_give_each_step_of_each_metric_by_its_name_when_they_fit()
    {
        File.WriteAllText(Path, """
            {"run":"early","generation":1,"stage":"a","step":1,"loss":2.5,"loss_by_task":{"0":3,"7":2},"margin":null,"seconds":{"total":0.5},"odd":[1,{"x":2}],"deep":{"a":{"b":1}},"at":"2026-01-01T00:00:00Z"}
            {"run":"early","generation":1,"stage":"a","step":2,"loss":1.5,"loss_by_task":{"7":1},"margin":0.25,"seconds":{"total":0.75}}

            """);

        var answer = new MetricFile(Path).Read("one/early", ["loss_by_task.7", "loss", "margin", "nothing"], All, 10);

        Assert.Equal(2, answer.LastStep);
        Assert.Equal(["loss", "loss_by_task.0", "loss_by_task.7", "seconds.total", "margin"], answer.Metrics);
        Assert.Equal(["loss_by_task.7: 1=2 2=1", "loss: 1=2.5 2=1.5", "margin: 2=0.25", "nothing:"], answer.Series.Select(Text));
    }

    [Fact]
    public void Should_keep_true_points_with_both_ends_and_extremes_in_bounded_memory_when_there_are_a_million()
    {
        Write(1, Million, step => step == 123_457 ? 99 : step == 765_432 ? -99 : Loss(step));
        var file = new MetricFile(Path);

        var few = Assert.Single(file.Read("run", ["loss"], All, 500).Series);
        var all = Assert.Single(file.Read("run", ["loss"], All, MetricShelf.MostPoints).Series);

        Assert.InRange(few.Steps.Length, 400, 500);
        Assert.InRange(all.Steps.Length, MetricTrack.MostSpans, 4 * MetricTrack.MostSpans);
        foreach (var curve in (MetricSeries[])[few, all])
        {
            Assert.Equal((1, Million), (curve.Steps[0], curve.Steps[^1]));
            Assert.Equal(curve.Steps.Distinct().Order(), curve.Steps);
            Assert.Equal((99, -99), (curve.Values[curve.Steps.IndexOf(123_457)], curve.Values[curve.Steps.IndexOf(765_432)]));
            Assert.All(Points(curve).Where(point => Math.Abs(point.Value) < 99), point => Assert.Equal(Loss(point.Step), point.Value));
        }
    }

    [Fact]
    public void Should_give_every_step_of_a_part_when_it_is_looked_into()
    {
        Write(1, 100_000, Loss);
        var file = new MetricFile(Path);

        var part = Assert.Single(file.Read("run", ["loss"], new StepRange(40_001, 45_000), 5000).Series);

        Assert.Equal(Enumerable.Range(40_001, 5000), part.Steps);
        Assert.Equal(part.Steps.Select(Loss), part.Values);
        Assert.InRange(Assert.Single(file.Read("run", ["loss"], new StepRange(40_001, 45_000), 100).Series).Steps.Length, 50, 100);
        Assert.Empty(Assert.Single(file.Read("run", ["loss"], new StepRange(100_001, 100_002), 100).Series).Steps);
    }

    [Theory]
    [InlineData(900, 500, 700)] // Every step is in memory.
    [InlineData(20_000, 9_990, 15_000)] // Spans of 16.
    public void Should_forget_what_did_not_count_when_the_run_went_back_to_a_checkpoint(int last, int checkpoint, int now)
    {
        Write(1, last, step => Loss(step) + 1000);
        var file = new MetricFile(Path);
        file.Read("run", ["loss"], All, 100);

        Write(checkpoint + 1, now, Loss);

        var whole = Assert.Single(file.Read("run", ["loss"], All, MetricShelf.MostPoints).Series);
        var fresh = Assert.Single(new MetricFile(Path).Read("run", ["loss"], All, MetricShelf.MostPoints).Series);
        var part = Assert.Single(file.Read("run", ["loss"], new StepRange(checkpoint - 20, checkpoint + 20), 100).Series);
        Assert.Equal((1, now), (whole.Steps[0], whole.Steps[^1]));
        Assert.Equal(whole.Steps.Distinct().Order(), whole.Steps);
        Assert.All(Points(whole), point => Assert.Equal(Loss(point.Step) + (point.Step <= checkpoint ? 1000 : 0), point.Value));
        Assert.Equal(Text(fresh), Text(whole));
        Assert.Equal(Enumerable.Range(checkpoint - 20, 41), part.Steps);
        Assert.Equal(part.Steps.Select(step => Loss(step) + (step <= checkpoint ? 1000 : 0)), part.Values);
    }

    [Fact]
    public void Should_go_on_where_it_was_when_the_file_grows_and_begin_anew_when_it_is_another()
    {
        File.WriteAllText(Path, "{\"step\":1,\"loss\":1}\n{\"step\":2,\"lo");
        var file = new MetricFile(Path);
        Assert.Equal("loss: 1=1", Text(file.Read("run", ["loss"], All, 10).Series[0]));

        File.AppendAllText(Path, "ss\":2}\ntorn by a crash\n{\"step\":3,\"loss\":3}\n");
        Assert.Equal("loss: 1=1 2=2 3=3", Text(file.Read("run", ["loss"], All, 10).Series[0]));

        File.WriteAllText(Path, "{\"step\":1,\"loss\":7}\n");
        Assert.Equal("loss: 1=7", Text(file.Read("run", ["loss"], All, 10).Series[0]));
        Assert.Equal(0, new MetricFile(folder.In("missing.jsonl")).Read("run", ["loss"], All, 10).LastStep);
    }

    [Fact]
    public void Should_read_the_points_of_a_live_page_as_they_were_recorded()
    {
        var run = new FixtureRun("early", Experiments.Fusion.Early) { Steps = 40 };
        File.WriteAllText(Path, string.Concat(Enumerable.Range(1, 40).Select(run.Step).Select(step => System.Text.Json.JsonSerializer.Serialize(step, Experiments.JointFusionJson.Line) + "\n")) + "{\"step\":41,\"lo");

        Assert.Equal(Enumerable.Range(1, 40).Select(run.Step).Select(MetricPoint.Of), MetricPoints.Read(Path));
        Assert.Empty(MetricPoints.Read(folder.In("missing.jsonl")));
    }

    [Fact]
    public void Should_read_no_more_from_the_end_when_a_file_is_longer()
    {
        Write(1, 400, Loss);
        var few = MetricPoints.ReadEnd(Path, out var isAll).Count;
        Assert.Equal((400, true), (few, isAll));

        Write(401, 100_000, Loss);
        var latest = MetricPoints.ReadEnd(Path, out isAll);

        Assert.False(isAll);
        Assert.InRange(latest.Count, 20, 65_536 / "{\"generation\":1,\"step\":1,\"loss\":1}\n".Length); // What 64 KiB hold.
        Assert.Equal(Enumerable.Range(100_001 - latest.Count, latest.Count), latest.Select(point => point.Step));
        Assert.Empty(MetricPoints.ReadEnd(folder.In("missing.jsonl"), out isAll));
        Assert.True(isAll);
    }

    [Fact]
    public async Task Should_let_go_of_runs_that_nobody_looks_at_when_there_are_many()
    {
        Write(1, 10, Loss);
        var shelf = new MetricShelf();
        var run = new Experiments.RunFolder(folder.Path);

        var series = await shelf.SeriesAsync("one/early", run, ["loss"], All, 10, TestContext.Current.CancellationToken);
        for (var other = 0; other < 100; other++)
            await shelf.SeriesAsync("other", new Experiments.RunFolder(folder.In($"{other}")), ["loss"], All, 10, TestContext.Current.CancellationToken);

        Assert.Equal(("one/early", 10, 10), (series.Run, series.LastStep, series.Series[0].Steps.Length));
        Assert.Equal(MetricShelf.MostRuns, shelf.Held);
    }

    private static double Loss(int step) => Math.Round(Math.Sin(step * 0.7) + 1.0 / step, 6);

    private static IEnumerable<StepPoint> Points(MetricSeries series) => series.Steps.Zip(series.Values, (step, value) => new StepPoint(step, value));

    private static string Text(MetricSeries series) =>
        $"{series.Metric}:{string.Concat(series.Steps.Zip(series.Values, (step, value) => string.Create(CultureInfo.InvariantCulture, $" {step}={value}")))}";

    private void Write(int first, int last, Func<int, double> value)
    {
        using var lines = new StreamWriter(Path, append: true);
        for (var step = first; step <= last; step++)
            lines.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"generation\":1,\"step\":{step},\"loss\":{value(step)}}}\n"));
    }
}
