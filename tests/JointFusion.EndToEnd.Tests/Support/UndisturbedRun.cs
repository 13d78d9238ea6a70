using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>One whole experiment that nothing disturbs, run once; what others are held against.</summary>
public sealed class UndisturbedRun : IAsyncLifetime
{
    public string Data { get; private set; } = "";
    public SmallExperiment Experiment { get; private set; } = null!;
    public JfResult Ended { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Data = TinySet.Create();
        Experiment = new SmallExperiment(Data, workers: 2, fusions: "early, score, feature");
        Ended = await Experiment.RunAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
