using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Shows an experiment on the terminal while it runs.</summary>
public interface IProgressView : IDisposable
{
    /// <param name="progress">With <paramref name="happened"/> already in it.</param>
    void Show(ExperimentProgress progress, ClusterEvent happened);
}
