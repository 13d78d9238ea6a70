namespace JointFusion.Cli;

/// <summary>One fault, and how it is brought about in a running cluster. What becomes of the run is not its to say: see <see cref="DrillJudge"/>.</summary>
internal interface IDrill
{
    string Name { get; }

    /// <summary>One line for <c>jf drill --list</c>.</summary>
    string Summary { get; }

    /// <summary>Whether it takes networks or disks of the drill's own.</summary>
    bool NeedsNamespaces { get; }

    /// <summary>Bytes of the disk that its share is on; null: any disk.</summary>
    long? DiskBytes { get; }

    DrillLimits Limits { get; }

    /// <summary>Does the fault, and what a person or a supervisor would do about it; the rest the cluster does by itself.</summary>
    /// <param name="run">Past <see cref="DrillExperiment.StrikeStep"/>.</param>
    Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel);
}

/// <summary>What recovery may take.</summary>
/// <param name="Training">From the fault to the next step, or the longest pause between steps where the attempt goes on; null: as long as the fault lasts.</param>
/// <param name="Back">For what else was away; null: nothing.</param>
internal sealed record DrillLimits(TimeSpan? Training, TimeSpan? Back = null);

/// <summary>What was done, as seen by who did it.</summary>
/// <param name="At">Just before.</param>
/// <param name="What">For people: which process, where, after which step.</param>
/// <param name="Back">What else was away and for how long; null: nothing.</param>
internal sealed record DrillStrike(DateTimeOffset At, string What, DrillReturn? Back = null);

/// <param name="What">Such as <c>coordinator back</c>.</param>
internal sealed record DrillReturn(string What, TimeSpan Took);
