using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Gradients of all ranks to new parameters on all ranks, by <see cref="AdamW"/>; its state whole on each rank, or divided over them.</summary>
/// <remarks>
/// Divided, it is the first stage of ZeRO (Rajbhandari et al. 2020, arXiv 1910.02054): each rank has the moments of its part alone.
///
///   whole     all-reduce gradients --------------> norm of all ----------------------> update all
///   divided   reduce-scatter gradients -> norms of the parts, joined -> update the own part -> all-gather parameters
///
/// Gradients are sums in the same order both ways, and the update is element by element; the norm is not bitwise the same, nor is what it clips.
/// </remarks>
public sealed class DistributedOptimizer : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly FlatShards shards;
    private readonly IProcessGroup group;

    public DistributedOptimizer(FlatParameters parameters, StageSpec stage, IProcessGroup group, bool divide)
    {
        (this.parameters, this.group) = (parameters, group);
        shards = new FlatShards(parameters, group, divide);
        Own = new AdamW(parameters, stage, shards.Own);
    }

    /// <summary>Of what this rank updates.</summary>
    public AdamW Own { get; }

    public void SumGradients() => shards.SumGradients();

    /// <summary>Clips by the norm of the summed gradients, updates the parameters on all ranks, clears the gradients.</summary>
    /// <returns>That norm, before clipping; the same on all ranks.</returns>
    /// <exception cref="NonFiniteException">On all ranks: the norm is NaN or infinite; nothing was changed.</exception>
    public double Step(double rate, StepClock clock)
    {
        clock.Start(StepPhase.Optimizer);
        var norm = shards.Norm(Own.GradientNorm());
        Own.Step(rate, norm);
        if (shards.AreDivided)
        {
            clock.Start(StepPhase.Exchange);
            shards.Gather(parameters.Values);
        }
        return norm;
    }

    /// <summary>Lends the moments of all parameters to rank 0, in CPU memory or where they are; the other ranks need no more memory for it than they have.</summary>
    /// <param name="wanted">Nothing is gathered or lent if one rank does not want it.</param>
    /// <param name="use">Called with the first moment and the second, each [total], which are not to be kept.</param>
    public void LendMoments(bool wanted, Action<Tensor, Tensor> use)
    {
        if (shards.Any(!wanted))
            return;
        if (!shards.AreDivided)
        {
            use(Own.FirstMoment, Own.SecondMoment);
            return;
        }
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        GatherInGradients(Own.FirstMoment);
        var first = group.Rank == 0 ? empty_like(parameters.Gradients, device: CPU).copy_(parameters.Gradients) : null;
        GatherInGradients(Own.SecondMoment);
        if (first is not null)
            use(first, parameters.Gradients);
        parameters.ZeroGradients();
    }

    /// <summary>Takes up the state of a checkpoint; each rank keeps its part.</summary>
    /// <param name="readFirst">Fills a tensor, [total], with the first moment.</param>
    /// <param name="readSecond">The same for the second.</param>
    /// <param name="updates">Taken so far.</param>
    public void Restore(Action<Tensor> readFirst, Action<Tensor> readSecond, int updates)
    {
        Own.Updates = updates;
        if (!shards.AreDivided)
        {
            readFirst(Own.FirstMoment);
            readSecond(Own.SecondMoment);
            return;
        }
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        readFirst(parameters.Gradients);
        Own.FirstMoment.copy_(Own.Slice(parameters.Gradients));
        readSecond(parameters.Gradients);
        Own.SecondMoment.copy_(Own.Slice(parameters.Gradients));
        parameters.ZeroGradients();
    }

    public void Dispose() => Own.Dispose();

    /// <summary>Between steps they are zero, and a tensor of the right size.</summary>
    private void GatherInGradients(Tensor moment)
    {
        Own.Slice(parameters.Gradients).copy_(moment);
        shards.Gather(parameters.Gradients);
    }
}
