using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>How flat tensors of parameters lie over the ranks: whole on each, or as even parts, each summed and updated by its owner.</summary>
/// <param name="divide">Has no effect on a single rank.</param>
public sealed class FlatShards(FlatParameters parameters, IProcessGroup group, bool divide)
{
    private readonly int[] counts = Share.Counts(checked((int)parameters.Values.numel()), group.WorldSize);

    /// <summary>Whether each rank owns a part; else each has the whole.</summary>
    public bool AreDivided { get; } = divide && group.WorldSize > 1;

    /// <summary>What this rank sums and updates.</summary>
    public Share Own => AreDivided
        ? new Share(counts[..group.Rank].Sum(), counts[group.Rank])
        : new Share(0, counts.Sum());

    /// <summary>Sums the gradients over the ranks: of those that are this rank's own; the others are of no use then.</summary>
    public void SumGradients()
    {
        if (AreDivided)
            group.ReduceScatterInPlace(parameters.Gradients, counts);
        else
            group.AllReduce(parameters.Gradients);
    }

    /// <summary>Makes a tensor whole on every rank, of which each rank holds its own part.</summary>
    /// <param name="flat">[total].</param>
    public void Gather(Tensor flat)
    {
        if (AreDivided)
            group.AllGatherInPlace(flat, counts);
    }

    /// <summary>Norm of the whole, of the norms of what each rank owns; the same on all, to the bit.</summary>
    public double Norm(double own)
    {
        if (!AreDivided)
            return own;
        Span<double> square = [own * own];
        group.AllReduce(square);
        return Math.Sqrt(square[0]);
    }

    /// <summary>True on every rank if true on any; without division, what this rank says.</summary>
    public bool Any(bool flag) => AreDivided ? group.Any(flag) : flag;
}
