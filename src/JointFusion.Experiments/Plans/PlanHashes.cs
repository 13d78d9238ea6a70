using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>
/// Identities of a run, chained: start -> stage 0 -> stage 1 -> ... -> evaluation (science) -> resources (plan).
/// Runs that share a prefix of the chain have equal weights at its end.
/// </summary>
/// <param name="Lineage">By stage: everything up to and including it.</param>
/// <param name="Science">What decides the result: not names of the experiment, resources, paths or retention.</param>
/// <param name="Plan">Science and resources (a sharded optimizer rounds the norm otherwise, recomputed layers their products), of transports only nccl (the others change no digit), not when and on which nodes: runs of one plan hash are bitwise equal on processors of one kind with as many threads.</param>
internal sealed record PlanHashes(ImmutableArray<string> Lineage, string Science, string Plan)
{
    // An option that is added later is left out of the JSON at its default (JsonIgnore), so that the checkpoints before it are still found.

    /// <summary>Raised when the same spec comes to mean another computation, so that older checkpoints are not taken for its own.</summary>
    private const int Version = 2;

    /// <param name="backbone">Hash of its content; null: there is none.</param>
    public static PlanHashes Of(ExperimentSpec spec, DataSummary data, RetrieverShape shape, ResourcePlan resources, string? backbone)
    {
        var link = CanonicalJson.Hash(new
        {
            Version,
            spec.Seed,
            spec.Data.Source,
            data.ManifestHash,
            ImageSize = spec.Data.ImageSize ?? DataSpec.DefaultImageSize,
            ImageMean = spec.Data.ImageMean ?? DataSpec.DefaultPixel,
            ImageStd = spec.Data.ImageStd ?? DataSpec.DefaultPixel,
            Shape = shape, // Holds what preset and matching decide.
            spec.Retriever.Temperature,
            spec.Retriever.MinimumTemperature,
        });

        var bias = spec.Retriever.LogitBias ?? RetrieverSpec.DefaultLogitBias;
        if (spec.Retriever.TemperatureFixed || bias != RetrieverSpec.DefaultLogitBias) // At their defaults they are not there: see above.
            link = CanonicalJson.Hash(new { After = link, spec.Retriever.TemperatureFixed, LogitBias = bias });

        if (spec.Retriever.Precision != Precision.Fp32)
            link = CanonicalJson.Hash(new { After = link, spec.Retriever.Precision });

        if (backbone is not null)
            link = CanonicalJson.Hash(new
            {
                After = link,
                Backbone = backbone,
                Pooling = spec.Retriever.Pooling ?? Pooling.Last,
                spec.Retriever.PoolingToken,
                spec.Retriever.Prompt,
                Causal = spec.Retriever.Attention is { } attention ? attention == AttentionKind.Causal : shape.Backbone!.IsCausal,
                spec.Retriever.MaxPixels,
                spec.Retriever.Lora,
            });

        if (spec.Retriever.ImageMode != ImageMode.Exact)
            link = CanonicalJson.Hash(new { After = link, spec.Retriever.ImageMode });

        var lineage = ImmutableArray.CreateBuilder<string>();
        foreach (var stage in spec.Stages)
            lineage.Add(link = CanonicalJson.Hash(new { After = link, Stage = stage }));

        var science = CanonicalJson.Hash(new { After = link, spec.Evaluation });
        return new(lineage.DrainToImmutable(), science, OnResources(science, resources));
    }

    /// <summary>Of what is computed bitwise alike: a link of the chain, and the resources.</summary>
    public static string OnResources(string link, ResourcePlan resources)
    {
        var sums = resources.Transport == Transport.Nccl ? Transport.Nccl : default; // Shared memory and TCP add in the same order.
        return CanonicalJson.Hash(new { After = link, Resources = resources with { Transport = sums, Priority = 0, Labels = null } });
    }
}
