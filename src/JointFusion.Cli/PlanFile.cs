using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>plan.json of a run's folder.</summary>
internal static class PlanFile
{
    /// <exception cref="BadInputException">It is missing or no plan.</exception>
    public static RunPlan Read(RunFolder run)
    {
        try
        {
            return JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(run.Plan), JointFusionJson.File)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadInputException($"{run.Plan}: the plan cannot be read: {unreadable.Message}");
        }
    }

    /// <summary>Beside and renamed: a crash leaves the plan before, or this one.</summary>
    public static void Write(RunFolder run, RunPlan plan)
    {
        var beside = run.Plan + ".tmp";
        File.WriteAllText(beside, JsonSerializer.Serialize(plan, JointFusionJson.File));
        File.Move(beside, run.Plan, overwrite: true);
    }
}
