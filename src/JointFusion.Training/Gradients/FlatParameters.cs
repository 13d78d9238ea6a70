using System.Collections.Immutable;
using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>All parameters that a stage trains as views of one flat tensor, and all their gradients of another: one exchange, one norm, one update.</summary>
/// <remarks>
/// In groups that are trained alike: matrices and tables first (decayed), then biases, norms and scalars (not decayed). Each parameter begins at a
/// multiple of <see cref="Alignment"/>; what lies between is zero, and stays so: a GPU reads four numbers at once only where they begin at 16 bytes,
/// and a norm took three times as long elsewhere. What the stage freezes has a tensor of its own and no gradient; what the module itself freezes
/// stays where it is, in its own type.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    /// <summary>In elements: 64 bytes of float32, a line of a CPU's cache.</summary>
    private const int Alignment = 16;

    private readonly ImmutableArray<ParameterTraining> training;

    /// <summary>All of a module, trained alike.</summary>
    /// <inheritdoc cref="ModelParameters(nn.Module)"/>
    public FlatParameters(nn.Module module) : this(new ModelParameters(module))
    {
    }

    /// <summary>Takes them out of the flat tensors that they were in, which may be disposed of then.</summary>
    /// <param name="stage">Says what is trained, and how; null trains all alike.</param>
    public FlatParameters(ModelParameters model, StageSpec? stage = null)
    {
        training = model.Training(stage);
        (Parts, Groups) = Lay(model.With(training).Where(parameter => !parameter.Training.Frozen));
        Total = Groups[^1].First + Groups[^1].Count;
        var first = Parts[0].Parameter;
        Values = zeros(Total, first.dtype, first.device).DetachFromDisposeScope();
        Gradients = zeros(Total, first.dtype, first.device).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (_, parameter, _) in model.With(training).Where(parameter => parameter.Training.Frozen))
            Freeze(parameter);
        foreach (var part in Parts)
            Adopt(part, hasGradient: part.Parameter.Handle != model.Fixed?.Handle);
    }

    /// <summary>Elements of the flat tensors.</summary>
    public long Total { get; }

    /// <summary>[Total].</summary>
    public Tensor Values { get; }

    /// <summary>[Total]; backward accumulates into it, <see cref="ZeroGradients"/> clears it.</summary>
    public Tensor Gradients { get; }

    /// <summary>In the flat order.</summary>
    public ImmutableArray<FlatPart> Parts { get; }

    /// <summary>In the flat order, end to end: all of it.</summary>
    public ImmutableArray<FlatGroup> Groups { get; }

    public void ZeroGradients() => Gradients.zero_();

    /// <summary>Whether a stage trains the parameters as the one that these were laid out for, so that they can stay.</summary>
    public bool Fit(ModelParameters model, StageSpec stage) => model.Training(stage).SequenceEqual(training);

    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private static (ImmutableArray<FlatPart> Parts, ImmutableArray<FlatGroup> Groups) Lay(IEnumerable<(string Name, Parameter Parameter, ParameterTraining Training)> parameters)
    {
        var (parts, groups) = (ImmutableArray.CreateBuilder<FlatPart>(), ImmutableArray.CreateBuilder<FlatGroup>());
        var end = 0L;
        foreach (var group in parameters.GroupBy(parameter => parameter.Training).OrderByDescending(group => group.Key.Decays))
        {
            var start = end;
            foreach (var (name, parameter, _) in group)
            {
                parts.Add(new FlatPart(name, parameter, end));
                end += (parameter.numel() + Alignment - 1) / Alignment * Alignment;
            }
            groups.Add(new FlatGroup(start, end - start, group.Key));
        }
        return (parts.ToImmutable(), groups.ToImmutable());
    }

    /// <summary>An earlier stage may have trained it.</summary>
    private static void Freeze(Parameter parameter)
    {
        parameter.requires_grad = false;
        parameter.grad = null;
        parameter.set_(parameter.clone());
    }

    private void Adopt(FlatPart part, bool hasGradient)
    {
        part.Parameter.requires_grad = hasGradient;
        var view = part.Of(Values);
        view.copy_(part.Parameter);
        part.Parameter.set_(view);
        part.Parameter.grad = part.Of(Gradients);
    }
}

/// <param name="Parameter">A view of the flat values.</param>
/// <param name="First">Where it begins in the flat tensors.</param>
public sealed record FlatPart(string Name, Parameter Parameter, long First)
{
    /// <summary>Its part of a flat tensor, such as values, gradients or moments, in its own shape: a view.</summary>
    public Tensor Of(Tensor flat) => flat.narrow(0, First, Parameter.numel()).view(Parameter.shape);
}

/// <summary>Parameters that are trained alike, side by side.</summary>
/// <param name="First">Where it begins in the flat tensors.</param>
/// <param name="Count">Elements, gaps included.</param>
public sealed record FlatGroup(long First, long Count, ParameterTraining Training);
