namespace JointFusion.Data;

/// <summary>A picture as a vision tower takes it, before normalisation.</summary>
public sealed class ProcessedImage
{
    /// <summary>0..255, row-major in <see cref="Shape"/>.</summary>
    public required byte[] Pixels { get; init; }

    /// <summary>[3, height, width], or [patches, 3 * frames * patch * patch] where the model takes patches.</summary>
    public required int[] Shape { get; init; }

    /// <summary>So many bytes of one channel follow each other; then come those of the next, and after the third the first again.</summary>
    public required int ChannelRun { get; init; }

    /// <summary>Null where the model takes whole pictures.</summary>
    public ImageGrid? Grid { get; init; }
}
