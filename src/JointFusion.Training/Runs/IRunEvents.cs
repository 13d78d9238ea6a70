using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>What a run tells while it goes on. Implementations must not block: they are called inside the step.</summary>
public interface IRunEvents
{
    void Phase(RunPhase phase, string detail);

    /// <summary>After each step, on rank 0 only.</summary>
    void Step(StepMetrics metrics);

    /// <summary>A whole checkpoint is on disk; from the writer's thread, on rank 0 only.</summary>
    void Checkpoint(int step);

    /// <summary>Something that needs a human's eye but does not end the run, such as a checkpoint that could not be written.</summary>
    void Warning(string message);
}

public enum RunPhase { CheckingGradients, LoadingData, Resuming, Training, Evaluating }
