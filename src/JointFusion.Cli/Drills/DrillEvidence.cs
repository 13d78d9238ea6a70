using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a run has left behind: all that a drill's verdict is computed from.</summary>
/// <param name="Journal">The coordinator's, of this run alone, in order.</param>
/// <param name="Steps">metrics.jsonl.</param>
/// <param name="Weights">SHA-256 of the last checkpoint's weights; null: there is none.</param>
/// <param name="Outcomes">SHA-256 of outcomes.jsonl; null: there is none.</param>
internal sealed record DrillEvidence(string PlanHash, int TotalSteps, ImmutableArray<RunEvent> Journal, ImmutableArray<StepMetrics> Steps, string? Weights, string? Outcomes)
{
    /// <exception cref="InvalidDataException">A file cannot be read.</exception>
    public static DrillEvidence Read(string journal, string run, RunFolder folder)
    {
        var plan = PlanFile.Read(folder);
        try
        {
            return new DrillEvidence(
                plan.PlanHash,
                plan.TotalSteps,
                [.. JournalHistory.Read(journal).OfType<RunEvent>().Where(happened => happened.Run == run)],
                [.. File.ReadLines(folder.Metrics).Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!)],
                HashOf(Path.Combine(folder.Checkpoint(plan.TotalSteps), "weights.safetensors")),
                HashOf(folder.Outcomes));
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            throw new InvalidDataException($"{folder.Path}: {unreadable.Message}", unreadable);
        }
    }

    private static string? HashOf(string path) => File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : null;
}
