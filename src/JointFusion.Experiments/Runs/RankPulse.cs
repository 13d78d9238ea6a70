namespace JointFusion.Experiments;

/// <summary>A rank's word, once a second, on what its training thread is doing.</summary>
/// <param name="Doing">Such as <c>forward</c> or <c>loading data</c>.</param>
/// <param name="Step">Being taken; 0 outside of steps.</param>
/// <param name="Collective">Under way, such as <c>all_reduce of 400 bytes</c>; null: none.</param>
/// <param name="Collectives">Begun so far. Ranks of one group that stand at the same number are in, or after, the same collective.</param>
/// <param name="Seconds">Since the collective began, or else since this phase did.</param>
/// <param name="BudgetSeconds">What the phase may take, learnt from its own history on this rank.</param>
public sealed record RankPulse(string Doing, int Step, string? Collective, long Collectives, double Seconds, double BudgetSeconds)
{
    public bool IsOverdue => Seconds > BudgetSeconds;
}
