using NetVips;

namespace JointFusion.Data;

/// <summary>Samples of any kind to RGB by PIL's rules.</summary>
internal static class RgbPixels
{
    /// <summary>The image itself where its samples are bytes of a kind that <see cref="Of"/> knows; a new one else.</summary>
    public static Image InBytes(Image image)
    {
        var known = image.Interpretation is Enums.Interpretation.Srgb or Enums.Interpretation.Bw
            || (image.Interpretation == Enums.Interpretation.Cmyk && image.Bands == 4);
        if (known && image.Format == Enums.BandFormat.Uchar) return image;
        using var colored = image.Colourspace(Enums.Interpretation.Srgb);
        return colored.Cast(Enums.BandFormat.Uchar);
    }

    /// <param name="samples">Interleaved.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> samples, int bands, Enums.Interpretation interpretation)
    {
        if (bands == RgbPicture.Channels) return samples;
        var rgb = new byte[samples.Length / bands * RgbPicture.Channels];
        for (int from = 0, to = 0; from < samples.Length; from += bands, to += RgbPicture.Channels)
        {
            for (var channel = 0; channel < RgbPicture.Channels; channel++)
            {
                rgb[to + channel] = interpretation == Enums.Interpretation.Cmyk
                    ? Light(samples[from + channel], samples[from + 3])
                    : samples[from + (bands < RgbPicture.Channels ? 0 : channel)];
            }
        }

        return rgb;
    }

    /// <summary>What ink and black leave of white; the product's 255th part rounded as PIL rounds it.</summary>
    private static byte Light(byte ink, byte black)
    {
        var white = byte.MaxValue - black;
        var product = (ink * white) + 128;
        return (byte)Math.Clamp(white - ((product + (product >> 8)) >> 8), 0, byte.MaxValue);
    }
}
