using System.Runtime.Intrinsics.X86;

namespace JointFusion.Data;

/// <summary>PIL's bicubic resize of 8-bit RGB, to the last bit: rows first, rounded to bytes, then columns. What the crop drops is never computed.</summary>
internal static class BicubicResampler
{
    public static RgbPicture Resize(RgbPicture picture, ResizeGoal goal) => Resize(picture, goal, Avx2.IsSupported);

    /// <param name="vectors">Whether to use AVX2; the result is the same.</param>
    public static RgbPicture Resize(RgbPicture picture, ResizeGoal goal, bool vectors)
    {
        var columns = ResampleWeights.Of(picture.Width, goal.Width, goal.Left, goal.KeptWidth);
        var rows = ResampleWeights.Of(picture.Height, goal.Height, goal.Top, goal.KeptHeight);
        var narrowed = PaddedRows.Rent(rows.Range.End - rows.Range.First, goal.KeptWidth);
        try
        {
            IResamplePass pass = vectors ? new VectorPass(columns) : new ScalarPass(columns);
            for (var y = 0; y < narrowed.Count; y++)
            {
                pass.Narrow(picture.Pixels.AsSpan((rows.Range.First + y) * picture.Width * RgbPicture.Channels, picture.Width * RgbPicture.Channels), narrowed.Row(y));
            }

            var pixels = new byte[goal.KeptHeight * goal.KeptWidth * RgbPicture.Channels];
            for (var y = 0; y < goal.KeptHeight; y++)
            {
                var weights = rows.Weights.AsSpan(y * rows.Taps, rows.Taps);
                pass.Join(narrowed, rows.Firsts[y] - rows.Range.First, weights, pixels.AsSpan(y * goal.KeptWidth * RgbPicture.Channels, goal.KeptWidth * RgbPicture.Channels));
            }

            return new RgbPicture(pixels, goal.KeptWidth, goal.KeptHeight);
        }
        finally
        {
            narrowed.Return();
        }
    }
}
