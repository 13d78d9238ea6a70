using System.Runtime.Intrinsics;

namespace JointFusion.Data;

/// <summary>One plane a channel: [3, height, width].</summary>
internal sealed class PlanarLayout : IPixelLayout
{
    public IPixelTarget Begin(int width, int height) => new Planes(width, height);

    private sealed class Planes(int width, int height) : IPixelTarget
    {
        private readonly byte[] pixels = GC.AllocateUninitializedArray<byte>(RgbPicture.Channels * width * height); // All of them are put.

        public void Put(int y, ReadOnlySpan<byte> row)
        {
            var red = pixels.AsSpan(y * width, width);
            var green = pixels.AsSpan((height + y) * width, width);
            var blue = pixels.AsSpan(((2 * height) + y) * width, width);
            var x = 0;
            for (; Vector128.IsHardwareAccelerated && x + Vector128<byte>.Count <= width; x += Vector128<byte>.Count)
            {
                var sixteen = row.Slice(x * RgbPicture.Channels, RgbPicture.Channels * Vector128<byte>.Count);
                var (first, second, third) = (Vector128.Create(sixteen), Vector128.Create(sixteen[16..]), Vector128.Create(sixteen[32..]));
                Red(first, second, third).CopyTo(red[x..]);
                Green(first, second, third).CopyTo(green[x..]);
                Blue(first, second, third).CopyTo(blue[x..]);
            }

            for (; x < width; x++)
            {
                (red[x], green[x], blue[x]) = (row[x * RgbPicture.Channels], row[(x * RgbPicture.Channels) + 1], row[(x * RgbPicture.Channels) + 2]);
            }
        }

        public ProcessedImage Done() => new() { Pixels = pixels, Shape = [RgbPicture.Channels, height, width], ChannelRun = width * height };

        // Every third byte of 48; 255 leaves a place to another of the three parts.
        private static Vector128<byte> Red(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) =>
            Vector128.Shuffle(first, Vector128.Create(0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13));

        private static Vector128<byte> Green(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) =>
            Vector128.Shuffle(first, Vector128.Create(1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14));

        private static Vector128<byte> Blue(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third) =>
            Vector128.Shuffle(first, Vector128.Create(2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255))
            | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15));
    }
}
