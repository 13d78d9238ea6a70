using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>A run that goes on where processors round otherwise: it says so, as no hash does.</summary>
public sealed class OtherProcessorTests : IDisposable
{
    private const int Steps = 12, Stop = 7, Workers = 2;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_SayThatItIsNoLongerBitwise_When_OneRanksProcessorIsOfAnotherKind()
    {
        using var run = new RunInProcess(cards.Summary, every: 5, Steps);
        run.Run(Workers, stopAfter: Stop);
        var own = Manifest(run).Processors!.Value;
        Assert.Equal([own[0], own[0]], own);
        Assert.Matches("^.+, vectors of (128|256|512) bits, (own|libtorch's) products on \\d+ threads?$", own[0]);

        Rewrite(run, manifest => manifest with { Processors = [own[0], "another kind"] });
        run.Run(Workers, stopAfter: Stop + 1);
        Assert.Equal($"the checkpoint of step {Stop} was computed on other processors or threads (rank 1: another kind; here: {own[0]}): the run goes on, within rounding of what it would have been there and not to the bit.", Assert.Single(run.Events.Warnings));

        Rewrite(run, manifest => manifest with { Processors = [own[0][..own[0].IndexOf(" on ", StringComparison.Ordinal)], own[0]] }); // As an older version wrote it.
        run.Run(Workers);
        Assert.Empty(run.Events.Warnings);
    }

    /// <summary>At another number of workers nothing is bitwise anyway; and older checkpoints do not say.</summary>
    [Fact]
    public void Should_SayNothing_When_ThePlanIsAnotherOrTheKindUnknown()
    {
        using var run = new RunInProcess(cards.Summary, every: 5, Steps);
        run.Run(Workers, stopAfter: Stop);
        Rewrite(run, manifest => manifest with { Processors = ["another kind", "another kind"] });
        run.Run(workers: 1, stopAfter: Stop + 1);
        Assert.Empty(run.Events.Warnings);
        Rewrite(run, manifest => manifest with { Processors = null });
        run.Run(workers: 1);
        Assert.Empty(run.Events.Warnings);
    }

    private static string Path(RunInProcess run) => Directory.GetFiles(run.Folder.Checkpoints, "manifest.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();

    private static CheckpointManifest Manifest(RunInProcess run) => JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllText(Path(run)), JointFusionJson.File)!;

    private static void Rewrite(RunInProcess run, Func<CheckpointManifest, CheckpointManifest> change) =>
        File.WriteAllText(Path(run), JsonSerializer.Serialize(change(Manifest(run)), JointFusionJson.File));
}
