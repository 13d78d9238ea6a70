using System.Collections.Concurrent;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>What all ranks of an attempt told.</summary>
/// <param name="stepTaken">Called on rank 0, within the step.</param>
internal sealed class RecordedEvents(Action<int> stepTaken) : IRunEvents
{
    private readonly ConcurrentQueue<string> warnings = new();
    private readonly ConcurrentQueue<int> checkpoints = new();

    public IReadOnlyCollection<string> Warnings => warnings;

    /// <summary>Steps, as they were written.</summary>
    public IReadOnlyCollection<int> Checkpoints => checkpoints;

    public void Phase(RunPhase phase, string detail)
    {
    }

    public void Step(StepMetrics metrics) => stepTaken(metrics.Step);

    public void Checkpoint(int step) => checkpoints.Enqueue(step);

    public void Warning(string message) => warnings.Enqueue(message);
}
