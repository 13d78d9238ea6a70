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
    public TrainingState(RunPlan plan, torch.Device device, IProcessGroup group)
    {
        (this.plan, this.group) = (plan, group);
        Retriever = Retrievers.Create(plan.Retriever, plan.Seed, device);
        if (plan.Resources.Recompute)
            Retriever.Backbone!.RecomputeLayers();
        Attach(plan.Stages[0]);
        Parameters = new FlatParameters(Retriever);
        Optimizer = NewOptimizer(plan.Stages[0].Spec);
    }

    public Retriever Retriever { get; }

    /// <summary>Others where a stage begins with adapters of its own.</summary>
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

    /// <summary>The adapters that are trained now; empty where there are none.</summary>
    public IEnumerable<NamedTensor> Adapters => Parameters.Parts
        .Where(part => part.Name.Contains(".lora_", StringComparison.Ordinal))
        .Select(part => new NamedTensor(part.Name, part.Parameter));

    /// <summary>Merges the adapters before it and attaches its own, where the stage says so; an optimizer and a monitor of its own in any case.</summary>
    public void StartStage(StagePlan stage)
    {
        Optimizer.Dispose();
        if (stage.MergesFirst && merged.TrueForAll(done => done.Before.Index != stage.Index))
            Merge(stage);
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
        Lora.Merge(Retriever.Backbone!);
        Attach(stage);
        Parameters.Dispose();
        Parameters = new FlatParameters(Retriever);
        Ledger = Training.Ledger.Append(Ledger, $"adapters merged before {stage.Spec.Name}");
    }

    private void Attach(StagePlan stage)
    {
        if (stage.Adapters is { } adapters)
            Lora.Attach(Retriever.Backbone!, LoraSpec.Of(adapters), $"{plan.Seed}/{stage.Index}");
    }

    private DistributedOptimizer NewOptimizer(StageSpec stage) => new(Parameters, stage, group, plan.Resources.ShardOptimizer);
}
