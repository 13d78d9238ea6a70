using System.Collections.Immutable;
using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>Which waiting run gets which slots, and who makes room for it. Pure.</summary>
/// <remarks>
/// Gangs only: a run gets all its slots or none; an elastic one as many as there are, or none if they are too few. The highest priority first, and within one its users in turn: see <see cref="FairQueue"/>. A
/// run that has to wait for slots is not overtaken on any that it could use: what is free, and what will be soon, is kept for it, or a wide
/// run would starve behind narrow ones. A run wider than all nodes with its labels together holds nobody up, nor does one that is to wait
/// after a failure, or for a stage that another one trains: see <see cref="StageSharing"/>. A slot is free again the moment its rank has ended.
/// Where that is not enough, running ones of a strictly lower priority yield: see <see cref="Preemption"/>. Nothing is taken from them unless
/// it suffices. Since their slots are kept for the run that they yield to, none of them is back on these before it. An elastic one that can go
/// on with what is left is back on that at once: it comes before all others of its priority, see <see cref="RunRecord.Keeping"/>.
/// </remarks>
internal static class SweepScheduler
{
    public static Schedule Decide(RunTable runs, NodeRegistry nodes, SweepTable sweeps, ClusterLimits limits, DateTimeOffset now)
    {
        var round = new Round(runs, new SlotPool(runs, nodes, limits.FailedStarts), new StageSharing(runs, sweeps));
        foreach (var level in runs.Queues.Where(level => round.CanServe(level.Key)))
        {
            round.ServeKeeping(level.Key);
            var ready = level.Select(queue => queue with { Runs = queue.Runs.Where(run => !(run.Run.RetryAt > now) && run.Run.Keeping is null && round.Fits(run.Run) && !round.Waits(run.Run)) });
            var turns = new FairQueue(ready, round.HeldByUser, now - limits.FairWait);
            while (round.CanServe(level.Key) && turns.Next() is { } run)
                if (round.Serve(run, run.Order))
                    turns.Placed();
        }
        return round.Result;
    }

    /// <summary>One decision's giving away.</summary>
    private sealed class Round(RunTable runs, SlotPool pool, StageSharing sharing)
    {
        private readonly ImmutableArray<Placement>.Builder placements = ImmutableArray.CreateBuilder<Placement>();
        private readonly ImmutableArray<(string Run, string Reason, int? Keeps)>.Builder yields = ImmutableArray.CreateBuilder<(string, string, int?)>();
        private readonly Queue<RunRecord> keeping = new(runs.Keeping.OrderByDescending(run => run.Order.Priority));
        private Dictionary<string, int>? heldByUser;

        public Dictionary<string, int> HeldByUser => heldByUser ??= runs.Placed
            .GroupBy(run => run.Order.User ?? "")
            .ToDictionary(user => user.Key, user => user.Sum(run => run.Attempt!.Ranks.Count(rank => rank.Outcome is null)));

        public Schedule Result => new(placements.ToImmutable(), yields.ToImmutable());

        public bool CanServe(int priority) => pool.HasAny(priority);

        public bool Fits(RunRecord run) => run.Order.Fewest <= pool.Capacity(run.Order);

        /// <summary>For a stage that another one trains.</summary>
        public bool Waits(RunRecord run) => sharing.WaitsFor(run) is not null;

        /// <summary>Those of at least this priority get what they were to keep, or have it kept for them while they are on their way to it.</summary>
        public void ServeKeeping(int priority)
        {
            while (keeping.TryPeek(out var run) && run.Order.Priority >= priority)
            {
                keeping.Dequeue();
                var order = run.Order with { Workers = run.Keeping!.Value };
                if (!run.IsWaiting)
                    pool.Reserve(order);
                else if (Fits(run))
                    Serve(run, order);
            }
        }

        /// <param name="order">The run's, or with fewer slots to have.</param>
        /// <returns>Whether it was placed.</returns>
        public bool Serve(RunRecord run, RunOrder order)
        {
            if (pool.Take(order) is { } slots)
            {
                placements.Add(new Placement(run.Name, slots, sharing.StartOf(run)));
                HeldByUser[run.Order.User ?? ""] = HeldByUser.GetValueOrDefault(run.Order.User ?? "") + slots.Length;
                return true;
            }
            if (pool.Reserve(order) is > 0 and var missing)
                MakeRoom(run, missing);
            return false;
        }

        private void MakeRoom(RunRecord run, int missing)
        {
            var chosen = Preemption.Choose(missing, pool.HeldBelow(run.Order));
            foreach (var (holder, keeps) in chosen)
            {
                pool.Release(holder);
                var shrinks = keeps is null ? "" : GoesOn(keeps.Value, holder.LiveRanks.Count()) + ": ";
                yields.Add((holder.Name, $"{shrinks}makes room for {run.Name}, whose priority is {run.Order.Priority}", keeps));
            }
            if (chosen.IsEmpty)
                pool.Claim(run.Order, missing);
            else
                pool.Reserve(run.Order with { Workers = missing, MinWorkers = null });
        }
    }

    /// <summary>Elastic runs that are to begin anew with more slots, and why: at a checkpoint, where slots are free and nobody else waits for any.</summary>
    /// <remarks>
    /// Each has taken a checkpoint in its attempt, so that an attempt is never without use, however nodes come and go. While one is on its way
    /// to its new slots, no other sets out for the same.
    /// </remarks>
    public static ImmutableArray<(string Run, string Reason)> Growing(RunTable runs, NodeRegistry nodes, int startLimit)
    {
        var narrow = runs.Placed.Where(CouldGrow).OrderByDescending(run => run.Order.Priority).ToList();
        if (narrow.Count == 0 || runs.Placed.Any(run => run.Stop == StopPurpose.Yield))
            return [];
        if (runs.Waiting.Any(run => run.Order.Fewest <= nodes.Capacity(run.Order)))
            return [];
        var pool = new SlotPool(runs, nodes, startLimit);
        return
        [
            .. from run in narrow
               let now = run.Attempt!.Ranks.Length
               let more = pool.TakeMore(run.Order, run.Order.Workers - now)
               where more > 0
               select (run.Name, GoesOn(now + more, now)),
        ];
    }

    private static string GoesOn(int workers, int before) =>
        string.Create(CultureInfo.InvariantCulture, $"goes on with {workers} {(workers == 1 ? "worker" : "workers")} in place of {before}");

    private static bool CouldGrow(RunRecord run) =>
        run is { State: RunState.Training, Attempt: { Cause: null } attempt } && attempt.Ranks.Length < run.Order.Workers && run.Checkpoint > (attempt.ResumeStep ?? 0);

    /// <summary>Waiting runs that would fit, were it not for slots whose workers die before they say hello, and why those die.</summary>
    /// <param name="startLimit">So many failed starts in a row make a slot broken.</param>
    public static ImmutableArray<(string Run, string Reason)> Hopeless(RunTable runs, NodeRegistry nodes, int startLimit)
    {
        if (!nodes.Nodes.Values.Any(node => node.Slots.Any(slot => slot.FailedStarts >= startLimit)))
            return [];
        var pool = new SlotPool(runs, nodes, startLimit);
        return
        [
            .. from run in runs.Waiting
               let capacity = pool.Capacity(run.Order)
               let broken = pool.Broken(run.Order)
               where run.Order.Fewest > capacity - broken.Count && run.Order.Fewest <= capacity
               select (run.Name, $"{broken.Count} of {capacity} workers cannot be started: {broken.Reason}"),
        ];
    }
}

/// <param name="Yields">Runs that are to give up their slots, why, and how many they get back at once.</param>
internal sealed record Schedule(ImmutableArray<Placement> Placements, ImmutableArray<(string Run, string Reason, int? Keeps)> Yields);

/// <param name="Slots">By rank.</param>
/// <param name="Start">Of a run without a checkpoint; null: its seed.</param>
internal sealed record Placement(string Run, ImmutableArray<SlotAddress> Slots, SharedStart? Start);
