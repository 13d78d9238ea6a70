using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Sees that all ranks of an attempt are of one build, and writes down which, on what and from which data.</summary>
internal static class AttemptProvenance
{
    private const int IdentityBytes = 256;

    /// <summary>To be called by all ranks, before the first step.</summary>
    /// <param name="warn">Told where the run was begun by another build.</param>
    /// <exception cref="RefusedOrderException">Ranks are of different builds; the message names their machines.</exception>
    public static void Establish(RunPlan plan, RunFolder folder, int generation, IProcessGroup group, WorkerBinary own, Action<string> warn)
    {
        var identities = Exchange(group, own);
        var odd = identities.Select((identity, rank) => (Identity: identity, Rank: rank)).Where(peer => peer.Identity.Binary != identities[0].Binary).ToList();
        if (odd.Count > 0)
        {
            throw new RefusedOrderException(
                $"{string.Join(", ", odd.Select(peer => $"rank {peer.Rank} on {peer.Identity.Host} has the build {peer.Identity.Binary}"))}, rank 0 on {identities[0].Host} has {identities[0].Binary}: "
                + "their digits would not fit together. Bring the same build of jf to all machines, or drain the odd ones (jf node drain NODE), then: jf resume");
        }
        if (group.Rank == 0)
            WriteDown(plan, folder, generation, own, warn);
    }

    private static List<(string Binary, string Host)> Exchange(IProcessGroup group, WorkerBinary own)
    {
        var identities = new List<(string, string)>();
        for (var rank = 0; rank < group.WorldSize; rank++)
        {
            var bytes = new byte[IdentityBytes];
            if (rank == group.Rank)
                Encoding.UTF8.GetBytes($"{own.Hash}\n{Environment.MachineName}").AsSpan().CopyTo(bytes);
            group.Broadcast(bytes, rank);
            var parts = Encoding.UTF8.GetString(bytes).TrimEnd('\0').Split('\n');
            identities.Add((parts[0], parts[^1]));
        }
        return identities;
    }

    /// <summary>A disk that refuses is no reason not to train: the next checkpoint will tell.</summary>
    private static void WriteDown(RunPlan plan, RunFolder folder, int generation, WorkerBinary own, Action<string> warn)
    {
        try
        {
            var before = Whole(folder.Provenance).ToList();
            if (before.Count > 0 && before[^1].Binary != own.Hash)
                warn($"goes on with the build {own.Hash} of jf {own.Version}, and was computed by {before[^1].Binary} of jf {before[^1].Version} so far: its digits need not be those of one build");
            var beside = folder.Provenance + ".tmp";
            File.WriteAllLines(beside, before.Append(Of(plan, generation, own)).Select(attempt => JsonSerializer.Serialize(attempt, JointFusionJson.Line)));
            File.Move(beside, folder.Provenance, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or JsonException)
        {
            warn($"{folder.Provenance}: what this attempt is computed by could not be written down: {refused.Message}");
        }
    }

    private static IEnumerable<RunProvenance> Whole(string path) =>
        File.Exists(path) ? File.ReadLines(path).Select(line => JsonSerializer.Deserialize<RunProvenance>(line, JointFusionJson.Line)).OfType<RunProvenance>() : [];

    private static RunProvenance Of(RunPlan plan, int generation, WorkerBinary own) => new(
        generation, DateTimeOffset.UtcNow, own.Version, own.Commit, own.Hash, plan.Data.ManifestHash, plan.ScienceHash, plan.PlanHash, plan.Resources.Workers,
        plan.Resources.Device.ToString().ToLowerInvariant(), Environment.MachineName, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, Processor(), Driver());

    private static string Processor()
    {
        var width = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        const string path = "/proc/cpuinfo";
        var name = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() : null;
        return $"{name ?? RuntimeInformation.ProcessArchitecture.ToString()}, vectors of {width} bits";
    }

    private static string? Driver()
    {
        const string path = "/proc/driver/nvidia/version";
        return File.Exists(path) ? File.ReadLines(path).FirstOrDefault() : null;
    }
}
