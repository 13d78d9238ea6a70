using System.Runtime.Intrinsics.X86;

namespace JointFusion.Data;

/// <summary>PIL's bicubic resize of 8-bit RGB, to the last bit: rows first, rounded to bytes, then columns. What the crop drops is never computed.</summary>
internal static class BicubicResampler
{
    public static RgbPicture Resize(IRowSource picture, ResizeGoal goal) => Resize(picture, goal, Avx2.IsSupported);

    /// <param name="vectors">Whether to use AVX2; the result is the same.</param>
    public static RgbPicture Resize(IRowSource picture, ResizeGoal goal, bool vectors)
    {
        var columns = ResampleWeights.Of(picture.Width, picture.Extent.Width, goal.Width, goal.Left, goal.KeptWidth);
        var rows = ResampleWeights.Of(picture.Height, picture.Extent.Height, goal.Height, goal.Top, goal.KeptHeight);
        IResamplePass pass = vectors ? new VectorPass(columns, rows) : new ScalarPass(columns);
        var narrowed = PaddedRows.Rent(rows.Range.End - rows.Range.First, spare: rows.Taps, goal.KeptWidth);
        try
        {
            Narrow(picture, rows.Range.First, pass, narrowed);
            return Join(rows, goal, pass, narrowed);
        }
        finally
        {
            narrowed.Return();
        }
    }

    private static void Narrow(IRowSource picture, int first, IResamplePass pass, PaddedRows narrowed)
    {
        var length = picture.Width * RgbPicture.Channels;
        for (var y = 0; y < narrowed.Count;)
        {
            for (var read = picture.Read(first + y); read.Length >= length && y < narrowed.Count; read = read[length..], y++)
            {
                pass.Narrow(read[..length], narrowed.Row(y));
            }
        }
    }

    private static RgbPicture Join(ResampleWeights rows, ResizeGoal goal, IResamplePass pass, PaddedRows narrowed)
    {
        var length = goal.KeptWidth * RgbPicture.Channels;
        var pixels = new byte[goal.KeptHeight * length];
        for (var y = 0; y < goal.KeptHeight; y++)
        {
            pass.Join(narrowed, rows.Firsts[y] - rows.Range.First, rows.Weights.AsSpan(y * rows.Taps, rows.Taps), pixels.AsSpan(y * length, length));
        }

        return new RgbPicture(pixels, goal.KeptWidth, goal.KeptHeight);
    }
}
