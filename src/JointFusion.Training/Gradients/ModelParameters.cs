using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The parameters of a module that a run may train, and that its checkpoints hold: all but what the module itself keeps frozen.</summary>
/// <remarks>A stage may freeze some of them: an earlier or later one need not. A fixed temperature is among them: checkpoints have always held it.</remarks>
public sealed class ModelParameters
{
    private readonly ImmutableArray<(string Name, Parameter Parameter)> inOrder;

    /// <param name="module">Already of its final type and on its final device; as it was made, before any stage has frozen something.</param>
    public ModelParameters(nn.Module module)
    {
        var temperature = (module as Retriever)?.LogTemperature;
        inOrder = [.. module.named_parameters().Where(pair => pair.parameter.requires_grad || pair.parameter.Handle == temperature?.Handle)];
        Fixed = temperature is { requires_grad: false } ? temperature : null;
        Shapes = [.. inOrder.Select(pair => new ParameterShape(pair.Name, [.. pair.Parameter.shape]))];
    }

    /// <summary>In the module's order.</summary>
    public ImmutableArray<ParameterShape> Shapes { get; }

    /// <summary>Matrices and tables first, else in the module's order.</summary>
    public IEnumerable<NamedTensor> Tensors =>
        inOrder.Zip(Shapes).OrderByDescending(pair => pair.Second.Decays).Select(pair => new NamedTensor(pair.First.Name, pair.First.Parameter));

    /// <summary>Without a gradient of its own, yet laid out with the others.</summary>
    internal Parameter? Fixed { get; }

    /// <summary>How a stage trains each, in the module's order.</summary>
    /// <param name="stage">Null trains all alike.</param>
    internal ImmutableArray<ParameterTraining> Training(StageSpec? stage) =>
        stage is null ? [.. Shapes.Select(shape => new ParameterTraining(shape.Decays))] : ParameterGroups.Of(stage, Shapes);

    /// <summary>In the module's order, each with how it is trained.</summary>
    internal IEnumerable<(string Name, Parameter Parameter, ParameterTraining Training)> With(ImmutableArray<ParameterTraining> training) =>
        inOrder.Zip(training, (pair, how) => (pair.Name, pair.Parameter, how));

    /// <summary>As they were made: whatever a stage has frozen may be trained again.</summary>
    internal void Thaw()
    {
        foreach (var (_, parameter) in inOrder.Where(pair => pair.Parameter.Handle != Fixed?.Handle))
            parameter.requires_grad = true;
    }

    /// <exception cref="ParameterRuleException">A rule of a stage fits none of them.</exception>
    public void Check(IEnumerable<StagePlan> stages)
    {
        var faults = stages.SelectMany(stage => ParameterGroups.Faults(stage.Spec, Shapes).Select(fault => $"stages[{stage.Index}].{fault.Key}: {fault.Message}")).ToList();
        if (faults.Count > 0)
            throw new ParameterRuleException(string.Join(Environment.NewLine, faults));
    }
}

/// <summary>A stage has rules for parameters that the model does not have. A bad input: never retried.</summary>
public sealed class ParameterRuleException(string message) : Exception(message);
