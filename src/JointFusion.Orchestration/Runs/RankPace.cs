using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>How much of its time a rank spends in collectives, waiting for others: in a healthy group all ranks spend about the same. Pure.</summary>
/// <param name="Pulses">Heard within steps.</param>
/// <param name="Waiting">Share of the latest pulses (some thirty of them weigh) that came out of a collective.</param>
/// <param name="Doing">What it does most often outside of collectives; null before the first such pulse.</param>
/// <param name="Votes">How far that is ahead of all else.</param>
public sealed record RankPace(int Pulses, double Waiting, string? Doing, int Votes)
{
    private const double Newest = 1.0 / 32;
    private const int Enough = 32, MostVotes = 32;

    public static RankPace Unknown { get; } = new(0, 0, null, 0);

    public RankPace After(RankPulse pulse)
    {
        if (pulse.Step == 0)
            return this;
        var waits = pulse.Collective is null ? 0 : 1;
        var next = this with { Pulses = Pulses + 1, Waiting = Waiting + (Math.Max(Newest, 1.0 / (Pulses + 1)) * (waits - Waiting)) };
        return waits == 1 ? next : next.Voting(pulse.Doing);
    }

    /// <summary>The rank that the others wait for; null: none.</summary>
    /// <param name="known">The one so far: it is named until it is far from being it, so that the name does not come and go.</param>
    public static int? Slowest(IReadOnlyList<RankPace> ranks, int? known)
    {
        if (ranks.Count < 2 || ranks.Any(rank => rank.Pulses < Enough))
            return null;
        var order = Enumerable.Range(0, ranks.Count).OrderBy(rank => ranks[rank].Waiting).ToList();
        var (slowest, next) = (order[0], order[1]);
        return ranks[next].Waiting - ranks[slowest].Waiting >= (slowest == known ? 0.15 : 0.3) ? slowest : null;
    }

    /// <summary>Boyer and Moore's majority vote.</summary>
    private RankPace Voting(string doing) => Votes == 0
        ? this with { Doing = doing, Votes = 1 }
        : this with { Votes = doing == Doing ? Math.Min(Votes + 1, MostVotes) : Votes - 1 };
}
