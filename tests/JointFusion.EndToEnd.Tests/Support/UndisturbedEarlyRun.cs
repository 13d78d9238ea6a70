using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>One run of `jf run` that nothing disturbs; what runs of a server are held against.</summary>
public sealed class UndisturbedEarlyRun : IAsyncLifetime
{
    public string Data { get; private set; } = "";
    public SmallExperiment Experiment { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Data = TinySet.Create();
        Experiment = new SmallExperiment(Data, workers: 2, fusions: "early");
        var ended = await Experiment.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
