using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>
/// Asynchronous successive halving (Li et al. 2020, arXiv 1810.05934): which runs go on beyond a rung. Pure.
/// </summary>
/// <remarks>
/// <code>
/// n runs have come to a rung; the best floor(n / reduction) of them are promoted, each as soon as it is one of these
/// once no other run will come there, at least one is, and who waits there still is pruned
/// </code>
/// Nobody waits for a round to be full, so that now and then one is promoted that a later one outdoes: it goes on all the same. Runs that were
/// cancelled or have failed count, but take no place of the best. A pruned run whose place among the best comes with later ones is promoted.
/// </remarks>
public static class Asha
{
    /// <summary>What to tell runs, the lower rungs first. Once they have been told, and moved, there may be more.</summary>
    /// <param name="runs">All of the sweep, in submission order: of equals the earlier is the better.</param>
    public static IReadOnlyList<(string Run, RunMessage Message)> Decide(int reduction, IReadOnlyList<RunRecord> runs)
    {
        foreach (var rung in runs.SelectMany(run => run.Rungs.Select(result => result.Step)).Distinct().Order())
            if (At(rung, reduction, runs) is { Count: > 0 } decisions)
                return decisions;
        return [];
    }

    private static List<(string, RunMessage)> At(int rung, int reduction, IReadOnlyList<RunRecord> runs)
    {
        var results = runs.Where(run => ResultAt(run, rung) is not null).ToList();
        var isClosed = !runs.Any(run => MayStillCome(run, rung));
        var places = Math.Max(results.Count / reduction, isClosed ? 1 : 0);
        var ranking = results
            .Where(run => run.State is not (RunState.Cancelled or RunState.Failed))
            .OrderByDescending(run => ResultAt(run, rung)!.Value)
            .ToList();
        List<(string, RunMessage)> decisions = [];
        for (var place = 0; place < ranking.Count; place++)
        {
            var run = ranking[place];
            if (!run.IsAtRung || run.Rungs[^1].Step != rung)
                continue;
            var words = string.Create(CultureInfo.InvariantCulture, $"{run.Rungs[^1]} is number {place + 1} of {results.Count}; of {reduction} one goes on");
            if (place < places && run.State is RunState.Held or RunState.Pruned)
                decisions.Add((run.Name, new RunMessage.Promote($"promoted: {words}")));
            else if (isClosed && run.State == RunState.Held)
                decisions.Add((run.Name, new RunMessage.Prune($"ended early: {words}")));
        }
        return decisions;
    }

    private static RungResult? ResultAt(RunRecord run, int rung) => run.Rungs.FirstOrDefault(result => result.Step == rung);

    /// <summary>By itself: a paused one comes only if a user wants it.</summary>
    private static bool MayStillCome(RunRecord run, int rung) =>
        !run.State.IsTerminal() && ResultAt(run, rung) is null && run.NextRung <= rung && run.Order.Rungs!.Value.Contains(rung);
}
