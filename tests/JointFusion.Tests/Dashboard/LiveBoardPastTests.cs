using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What a server that starts reads of the steps that were taken before, and what only when somebody asks.</summary>
public sealed class LiveBoardPastTests : IDisposable
{
    private const int Steps = 400;
    private readonly FixtureRun run = new("early", Fusion.Early) { Steps = Steps };
    private readonly TemporaryExperiment experiment;
    private readonly LiveBoard board;

    public LiveBoardPastTests()
    {
        experiment = new TemporaryExperiment(run);
        board = new LiveBoard(new FakeFeed(), LiveSource.Of(experiment.Folder), TimeProvider.System);
    }

    private string Metrics => experiment.Folder.Run("early").Metrics;

    public void Dispose() => experiment.Dispose();

    [Fact]
    public void Should_read_the_end_alone_when_a_server_starts_over_a_long_file()
    {
        BreakAllButTheEnd();

        var status = Status();

        Assert.Equal((Steps, run.Step(Steps).Loss, 0), (status.Step, status.Loss, status.MissedSteps));
        Assert.Equal([Steps - 1, Steps], board.Metrics("early", Steps - 2)!.Value.Select(point => point.Step)); // Nor for a page that has the rest.
        Assert.Throws<InvalidDataException>(() => MetricPoints.Read(Metrics).Count()); // Whoever reads it whole notices.
    }

    [Fact]
    public void Should_have_every_step_once_somebody_asks_for_them()
    {
        Assert.Equal(Steps, Status().Step);

        var points = board.Metrics("early", 0)!.Value;

        Assert.Equal(Enumerable.Range(1, Steps).Select(step => MetricPoint.Of(run.Step(step))), points);
        var beside = new LiveBoard(new FakeFeed(), LiveSource.Of(experiment.Folder), TimeProvider.System);
        Assert.StartsWith("M46,", Assert.Single(beside.Losses(["early"]).Lines).Raw, StringComparison.Ordinal); // The chart begins there.
    }

    [Fact]
    public void Should_show_the_latest_when_the_rest_cannot_be_read()
    {
        BreakAllButTheEnd();
        Status();

        var points = board.Metrics("early", 0)!.Value;

        Assert.InRange(points.Length, 20, Steps - 1);
        Assert.Equal(Steps, points[^1].Step);
        Assert.Null(board.Metrics("nobody", 0));
    }

    [Fact]
    public async Task Should_keep_what_came_meanwhile_and_what_was_taken_back_when_the_past_is_read()
    {
        var feed = new FakeFeed();
        var live = new LiveBoard(feed, LiveSource.Of(experiment.Folder), TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var following = live.FollowAsync(stop.Token);
        feed.Change(FakeFeed.Cluster(LiveRunState.Training, "early"));
        foreach (var step in (int[])[Steps - 9, Steps - 8]) // Went back to a checkpoint; the file lags behind.
            feed.Step(run.Step(step) with { Loss = 77 });
        while (live.Status(FakeFeed.Cluster(LiveRunState.Training, "early").Runs)[0].Loss != 77)
            await Task.Delay(5, stop.Token);

        var points = live.Metrics("early", 0)!.Value;

        Assert.Equal(Enumerable.Range(1, Steps - 8), points.Select(point => point.Step));
        Assert.Equal([Steps - 9, Steps - 8], points.Where(point => point.Loss == 77).Select(point => point.Step));
        await stop.CancelAsync();
        await following;
    }

    private RunStatus Status() => board.Status(FakeFeed.Cluster(LiveRunState.Paused, "early").Runs)[0];

    /// <summary>A hole longer than any line that we write, then the file as it was from its middle on.</summary>
    private void BreakAllButTheEnd()
    {
        var end = File.ReadAllText(Metrics)[^100_000..];
        using var file = File.Create(Metrics);
        file.Position = 40 << 20;
        using var text = new StreamWriter(file);
        text.Write(end[end.IndexOf('\n')..]);
    }
}
