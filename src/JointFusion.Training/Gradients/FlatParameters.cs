using JointFusion.Retrieval;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>All trainable parameters of a module as views of one flat tensor, and all gradients of another: one exchange, one norm, one update.</summary>
/// <remarks>
/// Matrices and tables come first (decayed), then biases, norms and scalars (not decayed). What is frozen stays where it is, in its own type;
/// but for a fixed temperature, whose gradient is zero: checkpoints have always held it.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private readonly List<(string Name, Parameter Parameter)> named;

    /// <param name="module">Already of its final type and on its final device: converting it later would leave the views behind.</param>
    public FlatParameters(nn.Module module)
    {
        var temperature = (module as Retriever)?.LogTemperature.Handle;
        named = [.. module.named_parameters()
            .Where(pair => pair.parameter.requires_grad || pair.parameter.Handle == temperature)
            .Select(pair => (pair.name, pair.parameter))
            .OrderBy(pair => IsDecayed(pair.parameter) ? 0 : 1)];
        DecayedCount = named.Where(pair => IsDecayed(pair.Parameter)).Sum(pair => pair.Parameter.numel());
        var first = named[0].Parameter;
        var total = named.Sum(pair => pair.Parameter.numel());
        Values = empty(total, first.dtype, first.device).DetachFromDisposeScope();
        Gradients = zeros(total, first.dtype, first.device).DetachFromDisposeScope();
        Adopt();
    }

    /// <summary>[total].</summary>
    public Tensor Values { get; }

    /// <summary>[total]; backward accumulates into it, <see cref="ZeroGradients"/> clears it.</summary>
    public Tensor Gradients { get; }

    /// <summary>The first so many of <see cref="Values"/> decay.</summary>
    public long DecayedCount { get; }

    /// <summary>Views, in the flat order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Named => named;

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
        long offset = 0;
        foreach (var (_, parameter) in named)
        {
            var count = parameter.numel();
            var view = Values.narrow(0, offset, count).view(parameter.shape);
            view.copy_(parameter);
            parameter.set_(view);
            parameter.grad = Gradients.narrow(0, offset, count).view(parameter.shape);
            offset += count;
        }
    }

    private static bool IsDecayed(Tensor parameter) => parameter.dim() >= 2;
}
