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
    public TrainingState(RunPlan plan, torch.Device device, IProcessGroup group)
    {
        this.group = group;
        shardOptimizer = plan.Resources.ShardOptimizer;
        Retriever = new Retriever(plan.Retriever, plan.Seed);
        Retriever.to(device);
        Parameters = new FlatParameters(Retriever);
        Optimizer = NewOptimizer(plan.Stages[0].Spec);
    }

    public Retriever Retriever { get; }
    public FlatParameters Parameters { get; }

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
