using JointFusion.Data;
using NetVips;
using Xunit;

namespace JointFusion.Tests;

/// <summary>JPEG files decoded smaller, beside libvips, whose decoder is libjpeg's.</summary>
public sealed class ReducedJpegTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, int, int, int> Cases => new(
        from kind in (string[])["420", "444", "grey", "restarts", "coarse"]
        from size in (((int, int)[])[(320, 240), (333, 171), (17, 9)])
        from shrink in (int[])[2, 4, 8]
        select (kind, size.Item1, size.Item2, shrink));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_BeNearAnotherDecoder_When_APictureIsShrunk(string kind, int width, int height, int shrink)
    {
        var bytes = Encode(kind, width, height);
        using var ours = ReducedJpeg.Open("a.jpg", bytes, shrink);
        Assert.NotNull(ours);
        using var theirs = Image.JpegloadBuffer(bytes, shrink: shrink);
        // libvips leaves a last column and row out that stand for less than the others.
        Assert.Equal(((width + shrink - 1) / shrink, (height + shrink - 1) / shrink), (ours.Width, ours.Height));
        Assert.Equal((width / shrink, height / shrink), (theirs.Width, theirs.Height));
        Assert.Equal(((double)width / shrink, (double)height / shrink), ours.Extent);
        var expected = RgbPixels.Of(theirs.WriteToMemory<byte>(), theirs.Bands, theirs.Interpretation).ToArray();
        var distances = expected.Zip(Rows(ours, theirs.Width, theirs.Height), (one, other) => Math.Abs(one - other)).ToArray();
        Assert.Equal(theirs.Width * theirs.Height * 3, distances.Length);
        // libjpeg averages pixels where this cuts frequencies off: alike where a picture is smooth, apart at edges, and these are much of a small one.
        Assert.InRange(distances.Average(), 0, width > 100 ? 2.5 : 4);
    }

    /// <summary>Of one colour nothing is lost by shrinking, so that every step after it is seen alone.</summary>
    [Theory]
    [InlineData(255, 0, 0)]
    [InlineData(0, 255, 0)]
    [InlineData(0, 0, 255)]
    [InlineData(0, 0, 0)]
    [InlineData(255, 255, 255)]
    [InlineData(90, 120, 40)]
    public void Should_KeepTheColour_When_APictureHasOne(int red, int green, int blue)
    {
        using var plain = (Image.Black(50, 30, bands: 3) + (double[])[red, green, blue]).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        foreach (var shrink in (int[])[2, 4, 8])
        {
            using var picture = ReducedJpeg.Open("a.jpg", plain.JpegsaveBuffer(q: 100), shrink)!;
            Assert.All(Rows(picture).Chunk(3), pixel =>
            {
                Assert.InRange(pixel[0], red - 2, red + 2);
                Assert.InRange(pixel[1], green - 2, green + 2);
                Assert.InRange(pixel[2], blue - 2, blue + 2);
            });
        }
    }

    [Fact]
    public void Should_LeaveItToAnother_When_TheFileIsOfAnotherKind()
    {
        using var picture = Picture(64, 64);
        using var inks = picture.Bandjoin(picture[0]).Copy(interpretation: Enums.Interpretation.Cmyk);
        var plain = picture.JpegsaveBuffer();
        Assert.NotNull(ReducedJpeg.Open("a.jpg", plain, 2));
        Assert.Null(ReducedJpeg.Open("a.jpg", picture.JpegsaveBuffer(interlace: true), 2));
        Assert.Null(ReducedJpeg.Open("a.jpg", inks.JpegsaveBuffer(), 2));
        Assert.Null(ReducedJpeg.Open("a.jpg", picture.PngsaveBuffer(), 2));
        for (var length = 0; length < plain.Length / 2; length++)
            if (JpegFrame.Read(plain.AsSpan(0, length)) is { } whole)
                Assert.InRange(length, whole.Start, plain.Length);
    }

    [Fact]
    public void Should_SayThatItIsTorn_When_ItEndsEarly()
    {
        var bytes = Encode("420", 320, 240);
        using var torn = ReducedJpeg.Open("torn.jpg", bytes[..(bytes.Length / 2)], 2)!;
        Assert.StartsWith("torn.jpg: cannot be decoded as a picture (it ends before its last row)", Assert.Throws<DataException>(() => Rows(torn)).Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever a file holds, it is decoded or refused, and read no further than it goes.</summary>
    [Fact]
    public void Should_EndInPixelsOrARefusal_When_BytesAreChangedAtRandom()
    {
        var (random, original) = (new Random(7), Encode("restarts", 96, 80));
        var (decoded, refused) = (0, 0);
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = original.ToArray();
            for (var change = 0; change < 3; change++)
                bytes[random.Next(2, bytes.Length)] = (byte)random.Next(256);
            try
            {
                using var picture = ReducedJpeg.Open("a.jpg", bytes, 1 << random.Next(1, 4));
                if (picture is null || (long)picture.Width * picture.Height > 1 << 20) continue; // A size of its own making.
                Assert.Equal(picture.Width * picture.Height * 3, Rows(picture).Length);
                decoded++;
            }
            catch (DataException)
            {
                refused++;
            }
        }

        Assert.True(decoded > 100 && refused > 100, $"{decoded} decoded, {refused} refused");
    }

    private static byte[] Rows(ReducedJpeg picture) => Rows(picture, picture.Width, picture.Height);

    private static byte[] Rows(ReducedJpeg picture, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
            picture.Read(y)[..(width * 3)].CopyTo(pixels.AsSpan(y * width * 3));
        return pixels;
    }

    private static byte[] Encode(string kind, int width, int height)
    {
        using var picture = Picture(width, height);
        using var grey = picture[0].Copy(interpretation: Enums.Interpretation.Bw);
        return kind switch
        {
            "420" => picture.JpegsaveBuffer(q: 85, subsampleMode: Enums.ForeignSubsample.On),
            "444" => picture.JpegsaveBuffer(q: 95, subsampleMode: Enums.ForeignSubsample.Off),
            "grey" => grey.JpegsaveBuffer(q: 85),
            "restarts" => picture.JpegsaveBuffer(q: 85, restartInterval: 3),
            _ => picture.JpegsaveBuffer(q: 20, optimizeCoding: true),
        };
    }

    private static Image Picture(int width, int height)
    {
        using var noise = Image.Gaussnoise(width, height, sigma: 300, mean: 128, seed: 3).Gaussblur(4);
        using var grey = noise.Cast(Enums.BandFormat.Uchar);
        return grey.Bandjoin(grey.Rot180(), grey.FlipHor()).Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
