using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>
/// Proves, before a run trains, that its ranks together compute the gradient that one process with the whole batch would: in float64, on a
/// tiny batch, through the run's encoder (but for its rounding to bf16), loss, gather, chunks, number of ranks and way of summing.
/// </summary>
public sealed class ParityGate(RunPlan plan, IProcessGroup group)
{
    /// <summary>Of a parameter's gradient. Rounding in float64 stays some 1e-14 below; a wrong factor or a lost term does not.</summary>
    public const double Tolerance = 1e-9;

    /// <summary>Gradients smaller than this share of all parameters' together are held to the tolerance of that share: below is rounding.</summary>
    private const double Floor = 1e-3;

    /// <summary>Backbones of more are checked on their first layers.</summary>
    private const long LargeParameters = 100_000_000;

    /// <summary>In chunks, the tiny batch is cut into several too.</summary>
    private const int ChunkSize = 2;

    /// <summary>And negatives that stay within blocks stay within such small ones: shares of two rows and three leave some on two ranks, and the last is short.</summary>
    private const int Block = 3;

    /// <exception cref="ParityException">On all ranks: a parameter's gradient is another than one process would compute.</exception>
    public void Check()
    {
        var failed = Measure().FirstOrDefault(outcome => !outcome.Holds);
        if (group.Any(failed is not null))
            throw new ParityException(failed, group.WorldSize);
    }

    /// <returns>By stage, its worst parameter of those that it trains.</returns>
    /// <exception cref="ParameterRuleException">A stage has rules for parameters that the retriever does not have.</exception>
    public IReadOnlyList<ParityOutcome> Measure()
    {
        using var scope = NewDisposeScope();
        using var retriever = Retrievers.Create(plan.Retriever with { Precision = Precision.Fp32 }, plan.Seed, TrainingDevice.Of(plan.Resources.Device, group.Rank), Layers);
        retriever.to(ScalarType.Float64);
        if (plan.Resources.Recompute)
            retriever.Backbone!.RecomputeLayers();
        var outcomes = new List<ParityOutcome>();
        ModelParameters? model = null;
        foreach (var stage in plan.Stages)
        {
            if (model is null || stage.MergesFirst)
            {
                model?.Thaw();
                Adapt(retriever, stage);
                model = new ModelParameters(retriever);
            }
            if (Layers is null)
                model.Check([stage]);
            outcomes.Add(Measure(retriever, model, stage.Spec));
        }
        return outcomes;
    }

    /// <summary>Of a large backbone's towers: whether sums are right does not depend on their depth, and all of one in float64 may not fit.</summary>
    private int? Layers => plan.Retriever.Backbone is not null && plan.Retriever.Parameters > LargeParameters ? 1 : null;

    /// <summary>As training does when the stage begins, but with changes that are not zero.</summary>
    private void Adapt(Retriever retriever, StagePlan stage)
    {
        if (stage.Adapters is not { } adapters)
            return;
        var backbone = retriever.Backbone!;
        Lora.Merge(backbone);
        Lora.Attach(backbone, LoraSpec.Of(adapters), $"{plan.Seed}/{stage.Index}");
        Lora.DrawUp(backbone, $"{plan.Seed}/{stage.Index}");
    }

    private ParityOutcome Measure(Retriever retriever, ModelParameters model, StageSpec stage)
    {
        using var scope = NewDisposeScope();
        using var parameters = new FlatParameters(model, stage);
        var rows = Math.Max(5, (2 * group.WorldSize) + 1);
        var chunk = plan.Resources.ChunkSize is null ? (int?)null : ChunkSize;
        new GradientCache(group, new StepClock(), stage.Symmetric, chunk, stage.Loss, stage.NegativesWithin is null ? null : Block, stage.Matryoshka ?? [])
            .Backward(retriever, ParityBatch.Of(plan.Retriever.Shape, rows, stage.NegativesAQuery(), group.Rank, group.WorldSize));
        var shards = new FlatShards(parameters, group, plan.Resources.ShardOptimizer);
        shards.SumGradients();
        shards.Gather(parameters.Gradients);
        var divided = parameters.Gradients.clone();

        parameters.ZeroGradients();
        WholeBatch.Backward(retriever, ParityBatch.Of(plan.Retriever.Shape, rows, stage.NegativesAQuery(), rank: 0, world: 1), stage, stage.NegativesWithin is null ? null : Block);
        return Worst(stage.Name, parameters, divided);
    }

    private static ParityOutcome Worst(string stage, FlatParameters parameters, Tensor divided)
    {
        var total = parameters.Gradients.norm().ToNumber();
        var worst = new ParityOutcome(stage, "", 0);
        foreach (var part in parameters.Parts)
        {
            using var scope = NewDisposeScope();
            var expected = part.Of(parameters.Gradients);
            var difference = (part.Of(divided) - expected).norm().ToNumber();
            var relative = difference / Math.Max(expected.norm().ToNumber(), Floor * total);
            if (double.IsNaN(relative) || relative > worst.Difference)
                worst = new ParityOutcome(stage, part.Name, relative);
        }
        return worst;
    }
}

/// <param name="Parameter">Whose gradient differs most.</param>
/// <param name="Difference">Norm of the difference over the norm of the gradient.</param>
public sealed record ParityOutcome(string Stage, string Parameter, double Difference)
{
    public bool Holds => Difference <= ParityGate.Tolerance;
}

/// <summary>The ranks together compute another gradient than one process would. Never retried: it is a defect.</summary>
public sealed class ParityException(ParityOutcome? worst, int ranks) : Exception(worst is null
    ? "Another rank computes a gradient that differs from one process with the whole batch; it names the parameter."
    : $"Over {ranks} ranks, the gradient of {worst.Parameter} in stage {worst.Stage} differs from that of one process with the whole batch by "
        + $"{worst.Difference:0.0e-0} of its norm (at most {ParityGate.Tolerance:0e-0} is rounding). Training would be wrong; please report this.");
