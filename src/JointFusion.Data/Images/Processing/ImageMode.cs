namespace JointFusion.Data;

/// <summary>How closely an image processor follows the one that a model was trained with.</summary>
public enum ImageMode
{
    /// <summary>To the last grey level: every pixel decoded, PIL's bicubic filter in its own fixed-point arithmetic.</summary>
    Exact,

    /// <summary>
    /// JPEG pictures are decoded smaller where that leaves at least three quarters of the pixels a side that are asked for, and resized from
    /// there. Two to three times as fast, a few grey levels off; tools/JointFusion.Benchmarks/results/images.md has both figures.
    /// </summary>
    Fast,
}
