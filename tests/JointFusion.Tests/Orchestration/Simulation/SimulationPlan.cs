using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>One simulated cluster's life, drawn from its seed.</summary>
/// <param name="Runs">Submitted over the first five minutes, one to eight workers wide.</param>
/// <param name="LosesARelease">A bug put in on purpose: the state forgets that one run has given its slots back.</param>
internal sealed record SimulationPlan(int Seed, int Nodes = 64, int SlotsPerNode = 8, int Runs = 2000, bool LosesARelease = false)
{
    /// <summary>Mean seconds between two of a kind, in the whole cluster; infinite: never.</summary>
    public double WorkerCrash { get; init; } = 2;

    public double Partition { get; init; } = 15;
    public double AgentRestart { get; init; } = 30;
    public double CoordinatorRestart { get; init; } = 120;
    public double UserStop { get; init; } = 10;
    public double UserCancel { get; init; } = 15;
    public double Drain { get; init; } = 40;
    public double Release { get; init; } = 120;

    /// <summary>Share of the runs of several workers that are content with fewer.</summary>
    public double Elastic { get; init; } = 0.2;

    /// <summary>Slots under whose device every run crashes.</summary>
    public int BadSlots { get; init; } = 4;

    /// <summary>Share of runs that belong to a sweep of some twenty, of which a third goes on beyond each rung.</summary>
    public double InSweeps { get; init; } = 0.3;

    /// <summary>Of control messages; the data plane is told of by the ranks' ends.</summary>
    public double LostMessages { get; init; } = 0.01;
}

/// <summary>What a run is and, as the simulation alone knows, how it ends.</summary>
internal sealed record SimulatedRun(string Name, int Workers, int Steps, int CheckpointEvery, RunFate Fate, int Priority, string User, bool WantsLabel, string? Sweep, int? MinWorkers)
{
    public const int Reduction = 3;

    private const int StageEnd = 9;

    /// <summary>The runs of a sweep that are as wide have their first stage in common, if they come to its end.</summary>
    public SharedStage? Shared => Sweep is null || Steps <= StageEnd ? null : new(StageEnd, $"{Sweep}/{Workers}");

    public ImmutableArray<int> Rungs => Sweep is null ? [] : [.. new[] { 5, 15, 45 }.Where(rung => rung < Steps && !(rung <= Shared?.Step))];

    public RunOrder Order => new(Name, $"/runs/{Name}", Workers, Priority: Priority, User: User, Labels: WantsLabel ? SimulatedNode.Label : null, Sweep: Sweep, Rungs: Sweep is null ? null : Rungs, Shared: Shared is { } shared ? [shared] : null, MinWorkers: MinWorkers);

    /// <summary>What it is measured at, whoever measures it how often.</summary>
    public double ValueAt(int step) => Convert.ToInt32(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}/{step}")))[..6], 16) / (double)(1 << 24);
}

internal enum RunFate { Sound, BadInput, AlwaysCrashes }
