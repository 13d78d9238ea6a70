using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JointFusion.Data;

/// <summary>The inverse cosine transform of a block's low frequencies alone: 8, 4, 2 or 1 samples a side instead of 8.</summary>
/// <remarks>
/// An N-point transform of the lowest N of 8 frequencies, scaled so that a mean stays what it is. No product is fused with a sum: the
/// same on every machine.
/// </remarks>
internal sealed class ReducedBlock
{
    private const int Side = 8;

    /// <summary>By a coefficient's place in the file: the highest frequencies of those up to it, vertical and horizontal.</summary>
    private static readonly (int Down, int Across)[] Highest =
        [.. Enumerable.Range(1, JpegFrame.BlockSize).Select(count => (JpegBits.Places.Take(count).Max(place => place / Side), JpegBits.Places.Take(count).Max(place => place % Side)))];

    private readonly int width, height;

    /// <summary>By output row: what each vertical frequency adds.</summary>
    private readonly float[] rows;

    /// <summary>By horizontal frequency: what it adds to each output column.</summary>
    private readonly Vector256<float>[] columns;

    /// <param name="width">Samples of the result: 1, 2, 4 or 8.</param>
    public ReducedBlock(int width, int height)
    {
        (this.width, this.height) = (width, height);
        rows = [.. from y in Enumerable.Range(0, height) from frequency in Enumerable.Range(0, Side) select Share(y, frequency, height)];
        columns = [.. Enumerable.Range(0, width).Select(frequency => Vector256.Create([.. Enumerable.Range(0, Side).Select(x => x < width ? Share(x, frequency, width) : 0)]))];
    }

    /// <param name="last">Place of the last coefficient in the file.</param>
    /// <param name="samples">Takes the rows, each written 8 wide.</param>
    public void Put(float[] block, int last, Span<float> samples, int stride)
    {
        ref var coefficients = ref MemoryMarshal.GetArrayDataReference(block);
        if (last == 0)
        {
            var mean = Vector256.Create(coefficients / Side);
            for (var y = 0; y < height; y++)
            {
                mean.CopyTo(samples[(y * stride)..]);
            }

            return;
        }

        var (down, across) = (Math.Min(height, Highest[last].Down + 1), Math.Min(width, Highest[last].Across + 1));
        for (var y = 0; y < height; y++)
        {
            var mixed = Vector256<float>.Zero;
            for (var frequency = 0; frequency < down; frequency++)
            {
                mixed += Vector256.LoadUnsafe(ref coefficients, (nuint)(frequency * Side)) * rows[(y * Side) + frequency];
            }

            var row = Vector256<float>.Zero;
            for (var frequency = 0; frequency < across; frequency++)
            {
                row += columns[frequency] * Unsafe.Add(ref Unsafe.As<Vector256<float>, float>(ref mixed), frequency);
            }

            row.CopyTo(samples[(y * stride)..]);
        }
    }

    private static float Share(int sample, int frequency, int count) => frequency >= count
        ? 0
        : (float)(frequency == 0 ? Math.Sqrt(1.0 / Side) : Math.Cos(((2 * sample) + 1) * frequency * Math.PI / (2 * count)) / 2);
}
