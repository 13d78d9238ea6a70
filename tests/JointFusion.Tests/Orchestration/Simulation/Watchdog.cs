using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>Keeps a simulated cluster's journal, and judges each decision and the end by it and by what the nodes really do.</summary>
internal sealed class Watchdog(IReadOnlyDictionary<string, SimulatedRun> runs, ClusterLimits limits, VirtualTime time)
{
    private readonly Dictionary<string, int?> checkpoints = [];
    private readonly Dictionary<(string Run, int Generation), int> resumeSteps = [];
    private readonly Dictionary<string, (int Furthest, int Vain)> crashes = [];
    private readonly Dictionary<string, int> widths = [];
    private readonly HashSet<string> succeeded = [];
    private readonly HashSet<string> refused = [];
    private readonly HashSet<string> yielding = [];
    private readonly Dictionary<(string User, int Priority), DateTimeOffset> served = [];
    private readonly Dictionary<SlotAddress, HashSet<string>> crashesOf = [];

    public List<IJournalEvent> Journal { get; } = [];

    public int Attempts => resumeSteps.Count;

    public int Successes => succeeded.Count;

    public int Yields { get; private set; }

    public int Grown { get; private set; }

    public int Shrunk { get; private set; }

    /// <summary>Attempts on what is left of the slots of the one before, the others having been yielded.</summary>
    public int Kept { get; private set; }

    public int Quarantines { get; private set; }

    /// <summary>Attempts that began where another run's stage had ended.</summary>
    public int Adoptions { get; private set; }

    /// <summary>Runs that ended at a rung.</summary>
    public int Pruned { get; private set; }

    /// <summary>Of the journal: the same seed gives the same.</summary>
    public string Fingerprint =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Journal.Select(change => JsonSerializer.Serialize<object>(change))))));

    public int ResumeStepOf((string Run, int Generation) attempt) => resumeSteps[attempt];

    public void Check(ClusterState before, ClusterState after, IReadOnlyCollection<IClusterStateEvent> events)
    {
        foreach (var step in events.OfType<StepTaken>())
            Require(after.Find(step.Run) is { IsAtRung: false } run && !(step.Step > run.NextRung), $"{step.Run} took step {step.Step} beyond a rung at which it was not promoted");
        foreach (var change in events.OfType<IJournalEvent>())
        {
            Check(change);
            if (change is RunStopped stopped && before.Find(stopped.Run) is { } run)
            {
                var isProgress = events.OfType<RungReached>().Any(reached => reached.Run == run.Name); // which forgives the attempts before
                Require(after.Find(stopped.Run)!.FruitlessAttempts == (isProgress ? 0 : run.FruitlessAttempts), $"{run.Name} was blamed for a stop");
            }
            if (change is AttemptBroken { Failure: { Kind: FailureKind.Crashed, Rank: { } rank } } broken)
                Count(broken.Run, before.Find(broken.Run)!.Attempt!.Ranks[rank].Slot);
        }
        Journal.AddRange(events.OfType<IJournalEvent>());
        var started = events.OfType<AttemptStarted>().ToList();
        if (started.Count == 0)
            return;
        var slots = after.Runs.Placed.SelectMany(run => run.LiveRanks).Select(rank => rank.State.Slot).ToList();
        Require(slots.Count == slots.Distinct().Count(), "a device was given twice");
        var complaint = new FairnessJudge(limits, time.Now, before, after, served).Complaint(started);
        Require(complaint is null, complaint!);
        foreach (var attempt in started)
            served[(runs[attempt.Run].User, runs[attempt.Run].Priority)] = time.Now;
        foreach (var attempt in started)
            Measure(attempt, after.Find(attempt.Run)!.Order);
        Kept += started.Count(attempt => attempt.Slots.Length <= before.Find(attempt.Run)?.Keeping);
        foreach (var attempt in started.Where(attempt => attempt is { ResumeStep: null } && runs[attempt.Run].Shared is not null))
            JudgeStart(attempt, after);
        Require(started.All(attempt => attempt.Slots.All(slot => after.Nodes.IsOpen(slot.Node, slot.Slot))), "a device was given that is drained or in quarantine");
        Require(started.All(attempt => attempt.Slots.All(slot => after.Nodes.Nodes[slot.Node].Has(after.Find(attempt.Run)!.Order.Labels))), "a device was given without the labels that were asked for");
        Require(after.Nodes.Draining.Keys.All(node => after.Runs.PlacedOn(node).All(run =>
            run.State is RunState.Stopping or RunState.Recovering || run.LiveRanks.All(rank => rank.State.Slot.Node != node))), "a run trains on, on a drained node");
        Require(started.All(attempt => attempt.Slots.All(slot => before.Nodes.Find(slot) is not null || after.Nodes.Find(slot) is not null)), "a device was given that is not there");
    }

    /// <param name="abandoned">Cancelled for good, if they had not ended before.</param>
    public void JudgeTheEnd(ClusterState state, IEnumerable<SimulatedNode> nodes, ClusterState empty, HashSet<string> abandoned)
    {
        foreach (var run in runs.Values)
        {
            var expected = run.Fate == RunFate.Sound ? RunState.Succeeded : RunState.Failed;
            var ended = state.Find(run.Name);
            if (abandoned.Contains(run.Name) && ended?.State is RunState.Cancelled or RunState.Failed)
                continue;
            if (ended?.State == RunState.Pruned && run is { Sweep: not null, Fate: RunFate.Sound })
                continue;
            Require(ended?.State == expected, $"{run.Name}, {run.Fate}, ended as {ended?.State}: {ended?.Failure}");
            Require(run.Fate != RunFate.Sound || ended!.Checkpoint == run.Steps, $"{run.Name} ended with step {ended!.Checkpoint} of {run.Steps}");
        }
        foreach (var sweep in runs.Values.Where(run => run.Sweep is not null).GroupBy(run => run.Sweep!))
            JudgeSweep([.. sweep.Select(run => state.Find(run.Name)!)]);
        Require(!state.Runs.Placed.Any(), "a run that has ended keeps its devices");
        Require(nodes.All(node => node.IsIdle), "a worker still works, though no run is left");
        var replayed = Journal.Aggregate(empty, (cluster, change) => cluster.Apply(change));
        Require(replayed.Runs.Select(run => (run.Name, run.State, run.Checkpoint)).SequenceEqual(state.Runs.Select(run => (run.Name, run.State, run.Checkpoint))),
            "the journal tells another story than the state");
    }

    private void Measure(AttemptStarted attempt, RunOrder order)
    {
        Require(attempt.Slots.Length >= order.Fewest && attempt.Slots.Length <= order.Workers, $"{attempt.Run} was begun with {attempt.Slots.Length} ranks");
        var before = widths.GetValueOrDefault(attempt.Run, attempt.Slots.Length);
        (Grown, Shrunk) = (Grown + (attempt.Slots.Length > before ? 1 : 0), Shrunk + (attempt.Slots.Length < before ? 1 : 0));
        widths[attempt.Run] = attempt.Slots.Length;
    }

    /// <summary>By its results alone: who was pruned is not one of the best third, and where runs came somebody went on.</summary>
    private void JudgeSweep(IReadOnlyList<RunRecord> sweep)
    {
        foreach (var rung in sweep.SelectMany(run => run.Rungs).GroupBy(result => result.Step))
        {
            var ranking = sweep.Where(run => run.Rungs.Any(result => result.Step == rung.Key) && run.State is not (RunState.Cancelled or RunState.Failed))
                .OrderByDescending(run => runs[run.Name].ValueAt(rung.Key)).ToList();
            Require(rung.All(result => sweep.Any(run => run.Rungs.Contains(result) && result.Value == runs[run.Name].ValueAt(rung.Key))), "a rung was told another value than was measured");
            Require(ranking.Count == 0 || ranking.Any(run => !run.IsAtRung || run.Rungs[^1].Step != rung.Key), $"nobody went on beyond the rung of step {rung.Key}");
            foreach (var best in ranking.Take(rung.Count() / SimulatedRun.Reduction))
                Require(!best.IsAtRung || best.Rungs[^1].Step != rung.Key, $"{best.Name} was one of the best at step {rung.Key}, and was pruned");
            Pruned += ranking.Count(run => run.State == RunState.Pruned && run.Rungs[^1].Step == rung.Key);
        }
    }

    /// <summary>A stage that runs have in common is trained by one at a time, and by none once it is there.</summary>
    private void JudgeStart(AttemptStarted started, ClusterState after)
    {
        var shared = runs[started.Run].Shared!;
        var others = after.Runs.Where(run => run.Name != started.Run && runs[run.Name].Shared == shared).ToList();
        var donor = others.FirstOrDefault(run => run.Checkpoint >= shared.Step);
        if (started.Start is { } start)
            Require(start.Step == shared.Step && others.Any(run => run.Name == start.Run && run.Checkpoint >= start.Step), $"{started.Run} began at a stage's end that is not there");
        else if (started.Generation == 1)
            Require(donor is null && !others.Any(run => run.Attempt is not null && !(run.Checkpoint >= shared.Step)), $"{started.Run} trains a stage that another one trains or has");
        Adoptions += started.Start is null ? 0 : 1;
    }

    private void Count(string run, SlotAddress slot)
    {
        if (!crashesOf.TryGetValue(slot, out var crashed))
            crashesOf[slot] = crashed = [];
        crashed.Add(run);
    }

    private void Check(IJournalEvent change)
    {
        switch (change)
        {
            case StopRequested { Purpose: StopPurpose.Yield } requested:
                yielding.Add(requested.Run);
                break;
            case RunStopped { Purpose: StopPurpose.Yield }:
                Yields++;
                break;
            case AttemptFailed or RunFailed { Failure.IsRetryable: true } when yielding.Contains(((RunEvent)change).Run):
                Require(false, $"{((RunEvent)change).Run} made room for others, and that counted as a failure");
                break;
            case SlotQuarantined slot:
                Require(crashesOf.TryGetValue(slot.Slot, out var crashed) && crashed.Count >= limits.SlotCrashes, $"{slot.Slot} was quarantined for nothing");
                crashesOf.Remove(slot.Slot);
                Quarantines++;
                break;
            case AttemptStarted started:
                yielding.Remove(started.Run);
                Require(!succeeded.Contains(started.Run), $"{started.Run} was begun again after it had succeeded");
                Require(!refused.Contains(started.Run), $"{started.Run} was begun again in spite of its bad input");
                Require(started.ResumeStep == checkpoints.GetValueOrDefault(started.Run), $"{started.Run} went on from another checkpoint than its newest");
                Require(resumeSteps.TryAdd((started.Run, started.Generation), started.ResumeStep ?? started.Start?.Step ?? 0), $"{started.Run} used a generation twice");
                break;
            case CheckpointTaken taken:
                Require(!(taken.Step <= checkpoints.GetValueOrDefault(taken.Run)), $"{taken.Run} went back to step {taken.Step}");
                Require(!resumeSteps.ContainsKey((taken.Run, taken.Generation + 1)), $"{taken.Run} took a checkpoint of a generation that was over");
                checkpoints[taken.Run] = taken.Step;
                break;
            case RungReached reached:
                Require(runs[reached.Run].Rungs.Contains(reached.Step), $"{reached.Run} was measured where it has no rung");
                checkpoints[reached.Run] = Math.Max(reached.Step, checkpoints.GetValueOrDefault(reached.Run) ?? 0);
                break;
            case RunSucceeded ended:
                Require(succeeded.Add(ended.Run), $"{ended.Run} succeeded twice");
                break;
            case AttemptFailed failed:
                Count(failed);
                break;
            case RunFailed { Failure.IsRetryable: true } failed:
                Require(crashes.GetValueOrDefault(failed.Run).Vain + 1 == limits.FruitlessAttempts, $"{failed.Run} was given up at another crash in vain than the last allowed");
                break;
            case RunFailed { Failure.Kind: FailureKind.BadInput } failed:
                refused.Add(failed.Run);
                break;
            case RunResumed resumed:
                refused.Remove(resumed.Run); // a user wants it tried again
                crashes[resumed.Run] = crashes.GetValueOrDefault(resumed.Run) with { Vain = 0 };
                break;
        }
    }

    private void Count(AttemptFailed failed)
    {
        var (furthest, vain) = crashes.GetValueOrDefault(failed.Run);
        if (failed.FurthestStep > furthest)
            crashes[failed.Run] = (failed.FurthestStep, 0);
        else if (failed.Failure.Kind != FailureKind.NodeLost)
            crashes[failed.Run] = (furthest, vain + 1);
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new SimulationException($"after {time.Elapsed}: {otherwise}");
    }
}
