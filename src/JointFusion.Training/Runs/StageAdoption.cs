using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Takes over the stages that another run of the sweep has trained exactly as this one would: its checkpoint and its steps' metrics.</summary>
public sealed class StageAdoption(RunPlan plan, RunFolder folder, IProcessGroup group, IRunEvents events)
{
    /// <param name="source">The other run's.</param>
    /// <param name="step">The last of the stages that both have in common.</param>
    /// <returns>On every rank the step to resume from; null: there is nothing to take over, which rank 0 has warned of, and the stages are trained here.</returns>
    public int? From(RunFolder source, int step)
    {
        var isTaken = group.Any(group.Rank == 0 && TryTake(source, step));
        return isTaken ? step : null;
    }

    private bool TryTake(RunFolder source, int step)
    {
        try
        {
            Take(source, step);
            events.Checkpoint(step);
            return true;
        }
        catch (Exception unusable) when (unusable is CheckpointException or IOException or UnauthorizedAccessException or JsonException)
        {
            events.Warning($"The stages up to step {step} are trained here, though {source.Path} has them: {unusable.Message}");
            return false;
        }
    }

    private void Take(RunFolder source, int step)
    {
        if (CheckpointNames.Steps(folder).Contains(step) && CheckpointVerifier.Verify(folder.Checkpoint(step), step).IsWhole)
            return; // An attempt has taken it, and died before anybody heard of it.
        var sourcePlan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(source.Plan), JointFusionJson.File) ?? throw new JsonException($"{source.Plan} is empty.");
        if (sourcePlan.Shared?.Any(shared => plan.Shared?.Contains(shared) == true && shared.Step == step) != true)
            throw new CheckpointException(source.Plan, "its stages are not this run's.");
        File.WriteAllLines(folder.Metrics, MetricsUpTo(step, source).Select(metrics => JsonSerializer.Serialize(metrics with { Run = plan.Run }, JointFusionJson.Line)));
        CheckpointFork.Copy(source, sourcePlan, step, plan, folder);
    }

    /// <summary>No line after these is looked at: the other run may be writing it.</summary>
    private static IEnumerable<StepMetrics> MetricsUpTo(int step, RunFolder source)
    {
        foreach (var line in File.ReadLines(source.Metrics))
        {
            var metrics = JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!;
            yield return metrics;
            if (metrics.Step >= step)
                yield break;
        }
    }
}
