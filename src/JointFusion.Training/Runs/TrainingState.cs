using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>Everything that a step changes: what a checkpoint holds, and all that a resume needs.</summary>
public sealed class TrainingState : IDisposable
{
    private readonly RunPlan plan;
    private readonly IProcessGroup group;
    private readonly List<MergedAdapters> merged = [];

    /// <param name="group">Over which the optimizer's state is divided, if the plan wants it.</param>
    /// <exception cref="CheckpointException">The backbone cannot be loaded.</exception>
    /// <exception cref="ParameterRuleException">A stage has rules for parameters that the retriever does not have.</exception>
    public TrainingState(RunPlan plan, torch.Device device, IProcessGroup group)
    {
        (this.plan, this.group) = (plan, group);
        Retriever = Retrievers.Create(plan.Retriever, plan.Seed, device);
        if (plan.Resources.Recompute)
            Retriever.Backbone!.RecomputeLayers();
        Attach(plan.Stages[0]);
        Model = ModelOf(plan.Stages[0]);
        Untrained = new UntrainedWeights(Retriever, Model, hasAdapters: plan.Stages[0].Adapters is not null);
        Parameters = new FlatParameters(Model, plan.Stages[0].Spec);
        Untrained.Remove(Parameters.Parts.Select(part => part.Name));
        Optimizer = NewOptimizer(plan.Stages[0].Spec);
    }

    public Retriever Retriever { get; }

    /// <summary>All that some stage may train, until one begins with adapters of its own: what a checkpoint holds.</summary>
    public ModelParameters Model { get; private set; }

    /// <summary>Those of the model that a checkpoint leaves to the folder of the published model.</summary>
    public UntrainedWeights Untrained { get; }

    /// <summary>Those of the stage, laid out anew where a stage trains them otherwise than the one before.</summary>
    public FlatParameters Parameters { get; private set; }

    /// <summary>Fresh at each stage's first step.</summary>
    public DistributedOptimizer Optimizer { get; private set; }

    /// <summary>Fresh at each stage's first step.</summary>
    public HealthMonitor Health { get; private set; } = new();

    /// <summary>Steps done, counted over the whole run.</summary>
    public int Step { get; set; }

    public string Ledger { get; set; } = Training.Ledger.Empty;

    /// <summary>The adapters of stages before that are in the backbone's weights by now, in their order.</summary>
    public IReadOnlyList<MergedAdapters> Merged => merged;

    /// <summary>The adapters that are attached now; empty where there are none.</summary>
    public IEnumerable<NamedTensor> Adapters => Model.Tensors.Where(tensor => tensor.Name.Contains(".lora_", StringComparison.Ordinal));

    /// <summary>Merges the adapters before it and attaches its own, where the stage says so; an optimizer and a monitor of its own in any case.</summary>
    public void StartStage(StagePlan stage)
    {
        Optimizer.Dispose();
        if (stage.MergesFirst && merged.TrueForAll(done => done.Before.Index != stage.Index))
            Merge(stage);
        if (!Parameters.Fit(Model, stage.Spec))
            Lay(stage);
        Optimizer = NewOptimizer(stage.Spec);
        Health = new HealthMonitor();
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        Retriever.Dispose();
        merged.ForEach(adapters => adapters.Dispose());
    }

    /// <summary>Part of the ledger, with no values: those differ in their last digits between numbers of workers.</summary>
    private void Merge(StagePlan stage)
    {
        merged.Add(MergedAdapters.Copy(stage, Adapters));
        Untrained.Clear();
        Model.Thaw();
        Lora.Merge(Retriever.Backbone!);
        Attach(stage);
        Model = ModelOf(stage);
        Lay(stage);
        Ledger = Training.Ledger.Append(Ledger, $"adapters merged before {stage.Spec.Name}");
    }

    private void Lay(StagePlan stage)
    {
        var before = Parameters;
        Parameters = new FlatParameters(Model, stage.Spec);
        Untrained.Remove(Parameters.Parts.Select(part => part.Name));
        before.Dispose();
    }

    /// <summary>Rules of the stages until the next merge are about these parameters.</summary>
    private ModelParameters ModelOf(StagePlan stage)
    {
        var model = new ModelParameters(Retriever);
        model.Check(plan.Stages.Skip(stage.Index).TakeWhile(next => next.Index == stage.Index || !next.MergesFirst));
        return model;
    }

    private void Attach(StagePlan stage)
    {
        if (stage.Adapters is { } adapters)
            Lora.Attach(Retriever.Backbone!, LoraSpec.Of(adapters), $"{plan.Seed}/{stage.Index}");
    }

    private DistributedOptimizer NewOptimizer(StageSpec stage) => new(Parameters, stage, group, plan.Resources.ShardOptimizer);
}
