using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>Everything that a step changes: what a checkpoint holds, and all that a resume needs.</summary>
public sealed class TrainingState : IDisposable
{
    public TrainingState(RunPlan plan, torch.Device device)
    {
        Retriever = new Retriever(plan.Retriever, plan.Seed);
        Retriever.to(device);
        Parameters = new FlatParameters(Retriever);
        Optimizer = new AdamW(Parameters, plan.Stages[0].Spec);
    }

    public Retriever Retriever { get; }
    public FlatParameters Parameters { get; }

    /// <summary>Fresh at each stage's first step.</summary>
    public AdamW Optimizer { get; private set; }

    /// <summary>Fresh at each stage's first step.</summary>
    public HealthMonitor Health { get; private set; } = new();

    /// <summary>Steps done, counted over the whole run.</summary>
    public int Step { get; set; }

    public string Ledger { get; set; } = Training.Ledger.Empty;

    public void StartStage(StageSpec stage)
    {
        Optimizer.Dispose();
        Optimizer = new AdamW(Parameters, stage);
        Health = new HealthMonitor();
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        Retriever.Dispose();
    }
}
