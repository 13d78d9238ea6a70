using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) over flat parameters, with clipping by global norm.</summary>
/// <remarks>
/// Its whole state is two flat tensors and a count, so a checkpoint holds it as it is. A test holds it against torch.optim.AdamW.
/// </remarks>
public sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;

    private readonly FlatParameters parameters;
    private readonly double weightDecay;
    private readonly double clipNorm;

    public AdamW(FlatParameters parameters, StageSpec stage)
    {
        this.parameters = parameters;
        weightDecay = stage.WeightDecay;
        clipNorm = stage.ClipNorm;
        FirstMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
    }

    /// <summary>[total], running mean of the gradient.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>[total], running mean of the squared gradient.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>Updates taken; restored with the moments.</summary>
    public int Updates { get; set; }

    /// <summary>Clips, updates the parameters, clears the gradients.</summary>
    /// <returns>The gradient's global norm before clipping.</returns>
    /// <exception cref="NonFiniteException">The norm is NaN or infinite; nothing was changed. Summed gradients are equal on all ranks, so all throw.</exception>
    public double Step(double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var norm = parameters.Gradients.norm().ToDouble();
        if (!double.IsFinite(norm))
            throw new NonFiniteException($"the gradient's norm is {norm}");
        if (norm > clipNorm)
            parameters.Gradients.Scale_(clipNorm / (norm + 1e-6));
        Update(rate);
        parameters.ZeroGradients();
        return norm;
    }

    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    private void Update(double rate)
    {
        Updates++;
        parameters.Values.narrow(0, 0, parameters.DecayedCount).Scale_(1 - rate * weightDecay);
        FirstMoment.Scale_(Beta1).AddScaled_(parameters.Gradients, 1 - Beta1);
        SecondMoment.Scale_(Beta2).AddProduct_(parameters.Gradients, parameters.Gradients, 1 - Beta2);
        var correction1 = 1 - Math.Pow(Beta1, Updates);
        var correction2 = Math.Sqrt(1 - Math.Pow(Beta2, Updates));
        var denominator = SecondMoment.sqrt().Scale_(1 / correction2).Shift_(Epsilon);
        parameters.Values.AddQuotient_(FirstMoment, denominator, -rate / correction1);
    }
}

/// <summary>A loss or a gradient is NaN or infinite. Never retried: the same step would give the same.</summary>
public sealed class NonFiniteException(string message) : Exception(message);
