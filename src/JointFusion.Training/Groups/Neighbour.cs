namespace JointFusion.Training;

/// <summary>A rank and where it listens.</summary>
internal readonly record struct Neighbour(int Rank, string Endpoint)
{
    public override string ToString() => $"rank {Rank} ({Endpoint})";
}
