using System.Collections.Immutable;
using JointFusion.Retrieval;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>All trainable parameters of a module as views of one flat tensor, and all gradients of another: one exchange, one norm, one update.</summary>
/// <remarks>
/// Matrices and tables come first (decayed), then biases, norms and scalars (not decayed). Each begins at a multiple of <see cref="Alignment"/>; what lies
/// between is zero, and stays so: a GPU reads four numbers at once only where they begin at 16 bytes, and a norm took three times as long elsewhere.
/// What is frozen stays where it is, in its own type; but for a fixed temperature, whose gradient is zero: checkpoints have always held it.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    /// <summary>In elements: 64 bytes of float32, a line of a CPU's cache.</summary>
    private const int Alignment = 16;

    /// <param name="module">Already of its final type and on its final device: converting it later would leave the views behind.</param>
    public FlatParameters(nn.Module module)
    {
        var temperature = (module as Retriever)?.LogTemperature.Handle;
        var parameters = module.named_parameters()
            .Where(pair => pair.parameter.requires_grad || pair.parameter.Handle == temperature)
            .ToLookup(pair => IsDecayed(pair.parameter));
        var (decayed, end) = Lay(parameters[true], 0);
        (var others, Total) = Lay(parameters[false], end);
        (Parts, DecayedCount) = ([.. decayed, .. others], end);
        var first = Parts[0].Parameter;
        Values = zeros(Total, first.dtype, first.device).DetachFromDisposeScope();
        Gradients = zeros(Total, first.dtype, first.device).DetachFromDisposeScope();
        Adopt();
    }

    /// <summary>Elements of the flat tensors.</summary>
    public long Total { get; }

    /// <summary>[Total].</summary>
    public Tensor Values { get; }

    /// <summary>[Total]; backward accumulates into it, <see cref="ZeroGradients"/> clears it.</summary>
    public Tensor Gradients { get; }

    /// <summary>The first so many of <see cref="Values"/> decay.</summary>
    public long DecayedCount { get; }

    /// <summary>In the flat order.</summary>
    public ImmutableArray<FlatPart> Parts { get; }

    public void ZeroGradients() => Gradients.zero_();

    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private void Adopt()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var part in Parts)
        {
            var view = part.Of(Values);
            view.copy_(part.Parameter);
            part.Parameter.set_(view);
            part.Parameter.grad = part.Of(Gradients);
        }
    }

    private static (ImmutableArray<FlatPart> Parts, long End) Lay(IEnumerable<(string name, Parameter parameter)> parameters, long start)
    {
        var parts = ImmutableArray.CreateBuilder<FlatPart>();
        foreach (var (name, parameter) in parameters)
        {
            parts.Add(new FlatPart(name, parameter, start));
            start += (parameter.numel() + Alignment - 1) / Alignment * Alignment;
        }
        return (parts.ToImmutable(), start);
    }

    private static bool IsDecayed(Tensor parameter) => parameter.dim() >= 2;
}

/// <param name="Parameter">A view of the flat values.</param>
/// <param name="First">Where it begins in the flat tensors.</param>
public sealed record FlatPart(string Name, Parameter Parameter, long First)
{
    /// <summary>Its part of a flat tensor, such as values, gradients or moments, in its own shape: a view.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, First, Parameter.numel()).view(Parameter.shape);
}
