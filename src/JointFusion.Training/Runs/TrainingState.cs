using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>Everything that a step changes: what a checkpoint holds, and all that a resume needs.</summary>
public sealed class TrainingState : IDisposable
{
    private readonly IProcessGroup group;
    private readonly bool shardOptimizer;

    /// <param name="group">Over which the optimizer's state is divided, if the plan wants it.</param>
    /// <exception cref="ParameterRuleException">A stage has rules for parameters that the retriever does not have.</exception>
    public TrainingState(RunPlan plan, torch.Device device, IProcessGroup group)
    {
        this.group = group;
        shardOptimizer = plan.Resources.ShardOptimizer;
        Retriever = new Retriever(plan.Retriever, plan.Seed);
        Retriever.to(device);
        Model = new ModelParameters(Retriever);
        Model.Check(plan.Stages);
        Parameters = new FlatParameters(Model, plan.Stages[0].Spec);
        Optimizer = NewOptimizer(plan.Stages[0].Spec);
    }

    public Retriever Retriever { get; }

    /// <summary>All that some stage may train: what a checkpoint holds.</summary>
    public ModelParameters Model { get; }

    /// <summary>Those of the stage, laid out anew where a stage trains them otherwise than the one before.</summary>
    public FlatParameters Parameters { get; private set; }

    /// <summary>Fresh at each stage's first step.</summary>
    public DistributedOptimizer Optimizer { get; private set; }

    /// <summary>Fresh at each stage's first step.</summary>
    public HealthMonitor Health { get; private set; } = new();

    /// <summary>Steps done, counted over the whole run.</summary>
    public int Step { get; set; }

    public string Ledger { get; set; } = Training.Ledger.Empty;

    public void StartStage(StageSpec stage)
    {
        Optimizer.Dispose();
        if (!Parameters.Fit(Model, stage))
        {
            var before = Parameters;
            Parameters = new FlatParameters(Model, stage);
            before.Dispose();
        }
        Optimizer = NewOptimizer(stage);
        Health = new HealthMonitor();
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        Retriever.Dispose();
    }

    private DistributedOptimizer NewOptimizer(StageSpec stage) => new(Parameters, stage, group, shardOptimizer);
}
