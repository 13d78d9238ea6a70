namespace JointFusion.Data;

/// <summary>The float that each grey level of each channel becomes: rescaled, then normalised.</summary>
/// <remarks>
/// In transformers' arithmetic, so that results are equal and not only close: the product in float64, rounded to float32; mean and deviation as
/// float32, subtraction and division in float32.
/// </remarks>
public sealed class ChannelLevels
{
    private const int Levels = 256, Channels = 3;
    private readonly float[][] values;

    /// <param name="factor">Null: not rescaled.</param>
    /// <param name="mean">By channel; null, with <paramref name="deviation"/>: not normalised.</param>
    internal ChannelLevels(double? factor, double[]? mean, double[]? deviation) =>
        values = [.. Enumerable.Range(0, Channels).Select(channel => Of(factor ?? 1, mean?[channel], deviation?[channel]))];

    /// <summary>The model's <c>pixel_values</c>, in the shape of the picture.</summary>
    public float[] Apply(ProcessedImage image)
    {
        var scaled = new float[image.Pixels.Length];
        for (int start = 0, channel = 0; start < scaled.Length; start += image.ChannelRun, channel = (channel + 1) % Channels)
        {
            var table = values[channel];
            for (var i = start; i < start + image.ChannelRun; i++)
            {
                scaled[i] = table[image.Pixels[i]];
            }
        }

        return scaled;
    }

    /// <param name="channel">0 to 2.</param>
    public float Of(int channel, byte level) => values[channel][level];

    private static float[] Of(double factor, double? mean, double? deviation)
    {
        var table = new float[Levels];
        for (var level = 0; level < Levels; level++)
        {
            var rescaled = (float)(level * factor);
            table[level] = mean is { } center && deviation is { } spread ? (rescaled - (float)center) / (float)spread : rescaled;
        }

        return table;
    }
}
