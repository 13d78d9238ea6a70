using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) over flat parameters or a slice of them, with clipping by global norm; each group at its own rate and decay.</summary>
/// <remarks>
/// Its whole state is two flat tensors and a count, so a checkpoint holds it as it is. A test holds it against torch.optim.AdamW.
/// See <see cref="DistributedOptimizer"/> for the slices of several ranks.
/// </remarks>
public sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;

    private readonly FlatParameters parameters;
    private readonly Share slice;
    private readonly double weightDecay;
    private readonly double clipNorm;

    public AdamW(FlatParameters parameters, StageSpec stage)
        : this(parameters, stage, new Share(0, checked((int)parameters.Values.numel())))
    {
    }

    /// <param name="slice">Of the flat parameters: what it updates, and has moments of.</param>
    public AdamW(FlatParameters parameters, StageSpec stage, Share slice)
    {
        this.parameters = parameters;
        this.slice = slice;
        weightDecay = stage.WeightDecay;
        clipNorm = stage.ClipNorm;
        FirstMoment = Zeros(parameters.Values);
        SecondMoment = Zeros(parameters.Values);
    }

    /// <summary>[slice], running mean of the gradient.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>[slice], running mean of the squared gradient.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>Updates taken; restored with the moments.</summary>
    public int Updates { get; set; }

    /// <summary>Clips, updates the slice, clears all gradients.</summary>
    /// <returns>The norm of the slice's gradient before clipping.</returns>
    /// <exception cref="NonFiniteException">The norm is NaN or infinite; nothing was changed.</exception>
    public double Step(double rate)
    {
        var norm = GradientNorm();
        Step(rate, norm);
        return norm;
    }

    /// <param name="norm">Of the gradient of all slices.</param>
    /// <inheritdoc cref="Step(double)"/>
    public void Step(double rate, double norm)
    {
        if (!double.IsFinite(norm))
            throw new NonFiniteException($"the gradient's norm is {norm}");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Updates++;
        var clip = norm > clipNorm ? clipNorm / (norm + 1e-6) : 1;
        foreach (var group in parameters.Groups)
            Update(group, Factors(group.Training, rate * group.Training.Rate, clip));
        parameters.ZeroGradients();
    }

    /// <summary>Of the slice.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Slice(parameters.Gradients).norm().ToNumber();
    }

    /// <summary>A view of the slice of a flat tensor.</summary>
    public Tensor Slice(Tensor flat) => flat.narrow(0, slice.First, slice.Count);

    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    private Tensor Zeros(Tensor like)
    {
        using var scope = NewDisposeScope();
        return zeros_like(Slice(like)).DetachFromDisposeScope();
    }

    private AdamWFactors<double> Factors(ParameterTraining group, double rate, double clip) => new(
        Beta1, 1 - Beta1, Beta2, 1 - Beta2, Epsilon,
        Clip: clip,
        Shrink: 1 - (rate * group.WeightDecay(weightDecay)),
        Rate: rate / (1 - Math.Pow(Beta1, Updates)),
        Correction: 1 / Math.Sqrt(1 - Math.Pow(Beta2, Updates)));

    /// <summary>What of the group lies in the slice.</summary>
    private void Update(FlatGroup group, in AdamWFactors<double> factors)
    {
        var first = Math.Max(group.First - slice.First, 0);
        var count = Math.Min(group.First + group.Count - slice.First, slice.Count) - first;
        if (count > 0)
            AdamWUpdate.Take(Part(Slice(parameters.Values)), Part(Slice(parameters.Gradients)), Part(FirstMoment), Part(SecondMoment), factors);

        Tensor Part(Tensor of) => of.narrow(0, first, count);
    }
}

/// <summary>A loss or a gradient is NaN or infinite. Never retried: the same step would give the same.</summary>
public sealed class NonFiniteException(string message) : Exception(message);
