namespace JointFusion.Training;

/// <summary>The data of one collective: addresses on the device, counts in elements.</summary>
internal readonly ref struct NcclWork
{
    public required CollectiveKind Kind { get; init; }
    public required NcclDataType Type { get; init; }
    public required int ElementSize { get; init; }
    public required nint Send { get; init; }
    public required nint Receive { get; init; }

    /// <summary>Of the whole buffer.</summary>
    public required int Length { get; init; }

    /// <summary>Of each rank, where the buffer is divided.</summary>
    public ReadOnlySpan<int> Counts { get; init; }

    public int Root { get; init; }

    /// <summary>Whether all ranks have equally much.</summary>
    public bool IsEven => !Counts.ContainsAnyExcept(Counts[0]);
}
