using System.Globalization;
using System.Text;
using NetVips;

namespace JointFusion.Data;

/// <summary>Draws SVGs as PNG files on white.</summary>
internal static class SvgRenderer
{
    /// <summary>Pixels a side.</summary>
    public const int Side = 64;

    private const int Threads = 2;

    // Starting the SVG renderer costs more than a drawing, so it is given a column of many.
    private const int ColumnLength = 64;
    private const int Channels = 3;
    private static readonly double[] White = [255];

    /// <summary>In the order of the drawings.</summary>
    public static DrawnPicture[] Render(IReadOnlyList<SvgDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        Vips.Prepare();
        var pictures = new DrawnPicture[drawings.Count];
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation };
        Parallel.ForEach(Columns(drawings), options, column =>
        {
            var pixels = Draw([.. column.Select(index => drawings[index])]);
            for (var row = 0; row < column.Length; row++)
            {
                pictures[column[row]] = CreatePicture(pixels.AsSpan(row * Channels * Side * Side, Channels * Side * Side));
            }

            progress?.Report(new DataProgress("drawing", Interlocked.Add(ref done, column.Length), drawings.Count));
        });
        return pictures;
    }

    /// <summary>Which drawings to draw together. Those that define ids stay alone: ids of one document must not repeat.</summary>
    private static IEnumerable<int[]> Columns(IReadOnlyList<SvgDrawing> drawings)
    {
        var byIds = Enumerable.Range(0, drawings.Count).ToLookup(index => drawings[index].Body.Contains("id=", StringComparison.Ordinal));
        return byIds[false].Chunk(ColumnLength).Concat(byIds[true].Chunk(1));
    }

    private static byte[] Draw(IReadOnlyList<SvgDrawing> column)
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{Side}\" height=\"{Side * column.Count}\">");
        for (var row = 0; row < column.Count; row++)
        {
            var (size, body) = column[row];
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<svg y=\"{row * Side}\" width=\"{Side}\" height=\"{Side}\" viewBox=\"0 0 {size} {size}\">{body}</svg>");
        }

        using var drawn = Image.SvgloadBuffer(Encoding.UTF8.GetBytes(svg.Append("</svg>").ToString()));
        using var opaque = drawn.Flatten(background: White);
        return opaque.WriteToMemory<byte>();
    }

    // What is black on white needs one band in its file. Its identity is that of its RGB pixels all the same.
    private static DrawnPicture CreatePicture(ReadOnlySpan<byte> rgb)
    {
        var gray = new byte[rgb.Length / Channels];
        var isGray = true;
        for (var i = 0; i < gray.Length; i++)
        {
            gray[i] = rgb[i * Channels];
            isGray &= rgb[(i * Channels) + 1] == gray[i] && rgb[(i * Channels) + 2] == gray[i];
        }

        var png = isGray ? PngFile.Encode(gray, Side, channels: 1) : PngFile.Encode(rgb, Side, Channels);
        return new DrawnPicture(png, StableHash.Hex(rgb));
    }
}
