using System.Globalization;

namespace JointFusion.Cli;

/// <summary>A byte of the checkpoint that the run would go on from flips, and its writer crashes.</summary>
internal sealed class CorruptCheckpoint : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "corrupt-checkpoint";

    public string Summary => "a byte flips in the newest journalled checkpoint, then rank 0 gets SIGKILL";

    public bool NeedsNamespaces => false;

    public long? DiskBytes => null;

    /// <summary>A crash's.</summary>
    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(5));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var victim = (await run.TakenAsync(DrillExperiment.StrikeStep, cancel)).Ranks[0];
        Signals.Freeze(victim.Pid!.Value); // So that no newer one is written meanwhile.
        var newest = await JournalledAsync(run, cancel);
        Flip(Path.Combine(run.Folder.Checkpoint(newest), "weights.safetensors"));
        var at = DateTimeOffset.UtcNow;
        Signals.Kill(victim.Pid.Value);
        return new DrillStrike(
            at, string.Create(CultureInfo.InvariantCulture, $"a byte of step {newest}'s weights flipped, rank 0 (pid {victim.Pid}, {victim.Node}/{victim.Slot}) killed after step {run.StepsWritten()}"));
    }

    /// <summary>Step of the newest journalled checkpoint, once no other is on its way to the journal.</summary>
    private static async Task<int> JournalledAsync(DrillRun run, CancellationToken cancel)
    {
        var (known, since) = (0, DateTime.UtcNow);
        await run.UntilAsync(
            info =>
            {
                if (info.Run.Checkpoint is { } step && step != known)
                    (known, since) = (step, DateTime.UtcNow);
                return DateTime.UtcNow - since > TimeSpan.FromSeconds(1);
            },
            "no further checkpoint is journalled", Patience, cancel);
        return known;
    }

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = file.Length / 2;
        var old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(old ^ 1));
    }
}
