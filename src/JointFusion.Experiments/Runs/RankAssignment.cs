using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>One replica's place in a run, as the coordinator hands it out.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Generation">Attempt, from 1; anything that carries an older one is dropped.</param>
/// <param name="Rank">From 0.</param>
/// <param name="Endpoints">Where each rank is reached, by rank: host:port, or a name of shared memory; its length is the world size.</param>
/// <param name="Secret">Proven by both sides of each connection, and by who enters the shared memory.</param>
public sealed record RankAssignment(string Run, int Generation, int Rank, ImmutableArray<string> Endpoints, string Secret)
{
    public int WorldSize => Endpoints.Length;
}
