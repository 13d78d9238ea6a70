namespace JointFusion.Data;

/// <summary>Squeezes pictures into a square with a cubic filter, widened where it shrinks so that nothing is skipped over.</summary>
/// <remarks>Keys' cubic convolution (1981) with a = -1/2, as image encoders are usually fed; plain float arithmetic, the same on every machine.</remarks>
internal static class SquareResizer
{
    /// <param name="pixels">Interleaved, row by row: width * height * channels.</param>
    /// <returns>Interleaved, row by row: size * size * channels.</returns>
    public static byte[] Resize(ReadOnlySpan<byte> pixels, int width, int height, int channels, int size)
    {
        var columns = Taps.Of(width, size);
        var rows = Taps.Of(height, size);
        var narrowed = new float[height * size * channels];
        for (var y = 0; y < height; y++)
        {
            Narrow(pixels.Slice(y * width * channels, width * channels), columns, channels, narrowed.AsSpan(y * size * channels));
        }

        var resized = new byte[size * size * channels];
        var rowLength = size * channels;
        for (var y = 0; y < size; y++)
        {
            Join(narrowed, rows[y], rowLength, resized.AsSpan(y * rowLength, rowLength));
        }

        return resized;
    }

    private static void Narrow(ReadOnlySpan<byte> row, Taps[] columns, int channels, Span<float> narrowed)
    {
        for (var x = 0; x < columns.Length; x++)
        {
            var (first, weights) = columns[x];
            for (var channel = 0; channel < channels; channel++)
            {
                var sum = 0f;
                for (var tap = 0; tap < weights.Length; tap++)
                {
                    sum += weights[tap] * row[((first + tap) * channels) + channel];
                }

                narrowed[(x * channels) + channel] = sum;
            }
        }
    }

    private static void Join(ReadOnlySpan<float> narrowed, Taps row, int rowLength, Span<byte> resized)
    {
        for (var i = 0; i < rowLength; i++)
        {
            var sum = 0f;
            for (var tap = 0; tap < row.Weights.Length; tap++)
            {
                sum += row.Weights[tap] * narrowed[((row.First + tap) * rowLength) + i];
            }

            resized[i] = (byte)Math.Clamp(sum + 0.5f, 0f, 255f);
        }
    }

    /// <summary>What one output position is made of: consecutive inputs from <paramref name="First"/> on, weights adding up to 1.</summary>
    private readonly record struct Taps(int First, float[] Weights)
    {
        private const int Reach = 2;

        public static Taps[] Of(int inputs, int outputs)
        {
            var scale = inputs / (double)outputs;
            var unit = Math.Max(scale, 1);
            return [.. Enumerable.Range(0, outputs).Select(output => At((output + 0.5) * scale, unit, inputs))];
        }

        private static Taps At(double center, double unit, int inputs)
        {
            var first = Math.Max((int)Math.Floor(center - (Reach * unit)), 0);
            var end = Math.Min((int)Math.Ceiling(center + (Reach * unit)), inputs);
            var weights = Enumerable.Range(first, end - first).Select(input => Cubic(Math.Abs(input + 0.5 - center) / unit)).ToArray();
            var total = weights.Sum();
            return new Taps(first, [.. weights.Select(weight => (float)(weight / total))]);
        }

        private static double Cubic(double distance) => distance switch
        {
            < 1 => (((1.5 * distance) - 2.5) * distance * distance) + 1,
            < Reach => (((((-0.5 * distance) + 2.5) * distance) - 4) * distance) + 2,
            _ => 0,
        };
    }
}
