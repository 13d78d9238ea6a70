using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>What tells a set from another.</summary>
/// <param name="Id">M-BEIR's own sets take 0 to 9.</param>
/// <param name="Instructions">Four ways to ask for each task that the set has.</param>
/// <param name="ConceptNote">What a concept is.</param>
/// <param name="PictureNote">What may be said of its pictures.</param>
/// <param name="ClusterNote">What a query's concept is.</param>
internal sealed record DrawnSetIdentity(
    string Name, int Id, ImmutableSortedDictionary<int, ImmutableArray<string>> Instructions, string ConceptNote, string PictureNote, string ClusterNote);
