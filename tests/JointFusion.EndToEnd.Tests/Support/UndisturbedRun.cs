using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>One whole experiment that nothing disturbs, run once for all classes; what others are held against. Nobody changes its folder.</summary>
public sealed class UndisturbedRun : IAsyncLifetime
{
    private static readonly Lock Gate = new();
    private static Task<Whole>? once;

    private Whole whole = null!;

    public string Data => whole.Data;
    public SmallExperiment Experiment => whole.Experiment;

    public async ValueTask InitializeAsync()
    {
        whole = await OnceAsync();
        Assert.True(whole.Ended.ExitCode == 0, whole.Ended.Output + whole.Ended.Errors);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<Whole> OnceAsync()
    {
        lock (Gate)
            return once ??= RunAsync();
    }

    private static async Task<Whole> RunAsync()
    {
        var data = TinySet.Create();
        var experiment = new SmallExperiment(data, workers: 2, fusions: "early, score, feature");
        return new Whole(data, experiment, await experiment.RunAsync());
    }

    private sealed record Whole(string Data, SmallExperiment Experiment, JfResult Ended);
}
