using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>MFU as a run reports it, against operations counted here item by item.</summary>
[Collection(Undisturbed.Name)]
public sealed class UtilisationTests : IDisposable
{
    private const int Steps = 24;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Theory, InlineData(1), InlineData(2)]
    public void Should_BeItsItemsOperationsOverTimeAndMeasuredLimit_When_ARunReportsIt(int workers)
    {
        using var run = new RunInProcess(cards.Summary, steps: Steps);
        run.Run(workers);

        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(run.Folder.Plan), JointFusionJson.File)!;
        var data = RunData.Open(plan);
        using var batches = new BatchLoader(data.Set, data.Loader, new BatchSampler(data.Set, plan.Seed, plan.Stages), rank: 0, workers, firstStep: 1, Steps);
        foreach (var step in run.Metrics)
            Assert.Equal(Operations(plan.Retriever.Shape, batches.Next(step.Step)) / (step.Seconds.Total * step.PeakFlops!.Value), step.Mfu!.Value, step.Mfu.Value * 1e-12);
        Assert.Single(run.Metrics.Select(step => step.PeakFlops).Distinct());
        var median = run.Metrics.Select(step => step.Mfu!.Value).Order().ElementAt(Steps / 2); // the first steps wait for the compiler
        Assert.InRange(median, 1e-4, 1);
    }

    /// <summary>A multiplication and an addition are two; each product forward, and for its inputs' and its weights' gradients.</summary>
    private static double Operations(RetrieverShape shape, PairBatch batch)
    {
        var (tower, operations) = (shape.Joint!, 0.0);
        double w = tower.Width, m = tower.MlpWidth;
        foreach (var items in (ItemBatch[])[batch.Queries, batch.Candidates])
        {
            for (var item = 0; item < items.Count; item++)
            {
                double patches = items.PatchOffsets[item + 1] - items.PatchOffsets[item], n = 1 + patches + items.TextOffsets[item + 1] - items.TextOffsets[item];
                operations += 2 * patches * 3 * shape.PatchSize * shape.PatchSize * w;
                operations += tower.Layers * ((2 * n * 3 * w * w) + (2 * n * n * w) + (2 * n * n * w) + (2 * n * w * w) + (2 * n * w * m) + (2 * n * m * w));
                operations += 2 * w * shape.EmbeddingWidth;
            }
        }
        return 3 * operations;
    }
}
