namespace JointFusion.Data;

/// <summary>One product at a time, for processors without AVX2.</summary>
internal sealed class ScalarPass(ResampleWeights columns) : IResamplePass
{
    private const int Half = 1 << (ResampleWeights.PointBits - 1);

    public void Narrow(ReadOnlySpan<byte> strip, int length, PaddedRows narrowed, int first)
    {
        for (var rest = strip; !rest.IsEmpty; rest = rest[length..], first++)
        {
            Narrow(rest[..length], narrowed.Row(first));
        }
    }

    public void Join(PaddedRows rows, int first, ReadOnlySpan<int> weights, Span<byte> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            var sum = Half;
            for (var tap = 0; tap < weights.Length && first + tap < rows.Count; tap++)
            {
                sum += weights[tap] * rows.Row(first + tap)[i];
            }

            result[i] = Clip(sum);
        }
    }

    private void Narrow(ReadOnlySpan<byte> row, Span<byte> narrowed)
    {
        for (var x = 0; x < columns.Firsts.Length; x++)
        {
            var weights = columns.Weights.AsSpan(x * columns.Taps, columns.Taps);
            for (var channel = 0; channel < RgbPicture.Channels; channel++)
            {
                var sum = Half;
                for (int tap = 0, at = (columns.Firsts[x] * RgbPicture.Channels) + channel; tap < weights.Length && at < row.Length; tap++, at += RgbPicture.Channels)
                {
                    sum += weights[tap] * row[at];
                }

                narrowed[(x * RgbPicture.Channels) + channel] = Clip(sum);
            }
        }
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.PointBits, 0, byte.MaxValue);
}
