namespace JointFusion.Data;

/// <summary>A picture's rows of RGB, from the top down.</summary>
internal interface IRowSource
{
    int Width { get; }

    int Height { get; }

    /// <summary>What the samples cover, in samples: where a picture was decoded smaller, the last ones may stand for less than the others.</summary>
    (double Width, double Height) Extent { get; }

    /// <summary>At least one row from <paramref name="y"/> on, interleaved, which is at or below the end of those that were read before.</summary>
    ReadOnlySpan<byte> Read(int y);
}
