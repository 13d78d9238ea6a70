using NetVips;

namespace JointFusion.Data;

/// <summary>Decodes whatever libvips can (PNG, JPEG, WebP, GIF, SVG and more), averaging when it shrinks. Transparency becomes white.</summary>
public sealed class NetVipsDecoder : IImageDecoder
{
    private const int Channels = 3;
    private static readonly double[] White = [255];

    /// <inheritdoc/>
    public byte[] Decode(string path, int size)
    {
        Vips.Prepare();
        try
        {
            // Read here: libvips caches what it opens by name, and does not name the cause of a file it cannot open.
            using var shrunk = Image.ThumbnailBuffer(File.ReadAllBytes(path), size, height: size, size: Enums.Size.Force);
            return Pixels(shrunk);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or VipsException)
        {
            throw new DataException($"{path}: cannot be decoded as a picture ({FirstLine(error.Message)}). Replace the file, or leave its items out.", error);
        }
    }

    private static byte[] Pixels(Image image)
    {
        using var colored = image.Colourspace(Enums.Interpretation.Srgb);
        using var opaque = colored.HasAlpha() ? colored.Flatten(background: White) : colored.Copy();
        using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
        return bytes.Bands == Channels
            ? bytes.WriteToMemory<byte>()
            : throw new VipsException($"{bytes.Bands} bands after conversion to RGB");
    }

    private static string FirstLine(string message) => message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
}
