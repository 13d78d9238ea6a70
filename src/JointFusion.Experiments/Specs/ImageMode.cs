namespace JointFusion.Experiments;

/// <summary>How closely a backbone's pictures follow the processor that it was trained with.</summary>
public enum ImageMode
{
    /// <summary>To the last grey level: every pixel decoded, PIL's bicubic filter in its own fixed-point arithmetic.</summary>
    Exact,

    /// <summary>
    /// JPEG pictures are decoded smaller where that leaves at least three quarters of the pixels a side that are asked for, and resized from
    /// there: about twice as fast on pictures of 500 x 375, three times on far larger ones; about one grey level off on average, and many at hard
    /// edges. tools/JointFusion.Benchmarks/results/images.md has the figures.
    /// </summary>
    Fast,
}
