using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <param name="Scores">Of the list's candidates; cosines, falling.</param>
public sealed record ScoredList(RankedList List, ArraySegment<float> Scores);
