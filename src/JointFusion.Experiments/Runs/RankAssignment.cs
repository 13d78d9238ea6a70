using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>One replica's place in a run, as the coordinator hands it out.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Generation">Attempt, from 1; anything that carries an older one is dropped.</param>
/// <param name="Rank">From 0.</param>
/// <param name="Endpoints">host:port of every rank's listening socket, by rank; its length is the world size.</param>
/// <param name="Secret">Proven by both sides of each connection.</param>
public sealed record RankAssignment(string Run, int Generation, int Rank, ImmutableArray<string> Endpoints, string Secret)
{
    public int WorldSize => Endpoints.Length;
}
