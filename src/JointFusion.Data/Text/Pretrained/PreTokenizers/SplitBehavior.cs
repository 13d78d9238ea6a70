namespace JointFusion.Data;

/// <summary>What becomes of the matches that a text is cut at.</summary>
internal enum SplitBehavior
{
    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each ends the piece before it; of neighbours the first.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it; of neighbours the last.</summary>
    MergedWithNext,

    /// <summary>Neighbours are one piece.</summary>
    Contiguous,
}
