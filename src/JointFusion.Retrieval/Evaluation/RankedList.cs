using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>What one search returned: candidates by falling score, deep enough that the query's own pictures can be struck out.</summary>
/// <param name="Found">Dense candidate indices, -1 past the pool's end.</param>
public sealed record RankedList(EvaluationRequest Request, PoolKind Pool, IReadOnlyList<int> Found)
{
    /// <summary>Places searched beyond the deepest k, for the query's own pictures (as a picture, as a captioned picture ...).</summary>
    public const int Spare = 6;

    /// <summary>The list as it is, or without candidates that show the query's own picture.</summary>
    public IEnumerable<int> Without(bool ownImage, IReadOnlyList<string?> imageOf) =>
        Found.Where(candidate => candidate >= 0 && !(ownImage && imageOf[candidate] == Request.Query.ImagePath));
}
