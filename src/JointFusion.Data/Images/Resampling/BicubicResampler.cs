using System.Runtime.Intrinsics.X86;

namespace JointFusion.Data;

/// <summary>PIL's bicubic resize of 8-bit RGB, to the last bit: rows first, rounded to bytes, then columns. What the crop drops is never computed.</summary>
internal static class BicubicResampler
{
    public static void Resize(IRowSource picture, ResizeGoal goal, IPixelTarget target) => Resize(picture, goal, target, Avx2.IsSupported);

    /// <param name="vectors">Whether to use AVX2; the result is the same.</param>
    public static void Resize(IRowSource picture, ResizeGoal goal, IPixelTarget target, bool vectors)
    {
        var columns = ResampleWeights.Of(picture.Width, picture.Extent.Width, goal.Width, goal.Left, goal.KeptWidth);
        var rows = ResampleWeights.Of(picture.Height, picture.Extent.Height, goal.Height, goal.Top, goal.KeptHeight);
        IResamplePass pass = vectors ? new VectorPass(columns, rows) : new ScalarPass(columns);
        var narrowed = PaddedRows.Rent(rows.Range.End - rows.Range.First, spare: rows.Taps, goal.KeptWidth);
        try
        {
            Narrow(picture, rows.Range.First, pass, narrowed);
            Join(rows, goal, pass, narrowed, target);
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
            var strip = picture.Read(first + y);
            var count = Math.Min(strip.Length / length, narrowed.Count - y);
            pass.Narrow(strip[..(count * length)], length, narrowed, y);
            y += count;
        }
    }

    private static void Join(ResampleWeights rows, ResizeGoal goal, IResamplePass pass, PaddedRows narrowed, IPixelTarget target)
    {
        var joined = new byte[goal.KeptWidth * RgbPicture.Channels];
        for (var y = 0; y < goal.KeptHeight; y++)
        {
            pass.Join(narrowed, rows.Firsts[y] - rows.Range.First, rows.Weights.AsSpan(y * rows.Taps, rows.Taps), joined);
            target.Put(y, joined);
        }
    }
}
