namespace JointFusion.Data;

/// <summary>One of a picture's planes, and how it is coded.</summary>
/// <param name="across">Blocks side by side in a unit of the scan.</param>
/// <param name="down">Blocks one below the other.</param>
internal sealed class JpegComponent(int across, int down)
{
    public int Across => across;

    public int Down => down;

    /// <summary>What a coefficient counts, in the order in which they are coded.</summary>
    public float[] Steps { get; set; } = [];

    /// <summary>Codes of the blocks' means; they tell the difference to the block before.</summary>
    public HuffmanTable Direct { get; set; } = null!;

    /// <summary>Codes of all other coefficients.</summary>
    public HuffmanTable Alternating { get; set; } = null!;
}
