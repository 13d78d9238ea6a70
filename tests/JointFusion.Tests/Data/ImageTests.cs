using JointFusion.Data;
using NetVips;
using Xunit;

namespace JointFusion.Tests;

public sealed class ImageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly NetVipsDecoder decoder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_give_back_the_samples_When_a_png_is_written_and_decoded()
    {
        byte[] rgb = [.. Enumerable.Range(0, 48).Select(value => (byte)(value * 5))];
        File.WriteAllBytes(folder.In("a.png"), PngFile.Encode(rgb, 4, 3));
        Assert.Equal(rgb, decoder.Decode(folder.In("a.png"), 4));
    }

    [Fact]
    public void Should_repeat_gray_in_three_channels_When_a_picture_has_one()
    {
        File.WriteAllBytes(folder.In("a.png"), PngFile.Encode([0, 100, 200, 255], 2, 1));
        Assert.Equal([0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255], decoder.Decode(folder.In("a.png"), 2));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".webp")]
    public void Should_become_white_When_a_picture_is_transparent(string format)
    {
        using var clear = Image.Black(8, 8, bands: 4).Copy(interpretation: Enums.Interpretation.Srgb);
        clear.WriteToFile(folder.In("a" + format));
        Assert.All(decoder.Decode(folder.In("a" + format), 4), sample => Assert.Equal(255, sample));
    }

    [Fact]
    public void Should_average_and_not_skip_When_a_picture_shrinks()
    {
        byte[] stripes = [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)(i % 2 * 255))];
        File.WriteAllBytes(folder.In("a.png"), PngFile.Encode(stripes, 64, 1));
        Assert.All(decoder.Decode(folder.In("a.png"), 8), sample => Assert.InRange(sample, 110, 145));
    }

    [Fact]
    public void Should_fill_the_square_When_a_jpeg_is_oblong()
    {
        using var oblong = (Image.Black(100, 30, bands: 3) + new double[] { 200, 100, 50 }).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        oblong.WriteToFile(folder.In("a.jpg"));
        var pixels = decoder.Decode(folder.In("a.jpg"), 16);
        Assert.Equal(16 * 16 * 3, pixels.Length);
        Assert.InRange(pixels[0], 195, 205);
        Assert.InRange(pixels[^1], 45, 55);
    }

    [Theory]
    [InlineData("missing.png")]
    [InlineData("text.png")]
    [InlineData("torn.png")]
    public void Should_name_file_and_cause_When_it_cannot_be_decoded(string name)
    {
        folder.Write("text.png", "no picture at all");
        var noise = new byte[64 * 64 * 3];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(folder.In("torn.png"), PngFile.Encode(noise, 64, 3)[..2000]);
        var error = Assert.Throws<DataException>(() => decoder.Decode(folder.In(name), 32));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    [Fact]
    public void Should_lay_patches_out_plane_by_plane_When_cut()
    {
        // 4x4 pixels, patches of 2: the red sample is the pixel's number, green adds 100, blue 200.
        byte[] rgb = [.. Enumerable.Range(0, 16).SelectMany(pixel => new[] { (byte)pixel, (byte)(pixel + 100), (byte)(pixel + 200) })];
        var patches = PatchCutter.Cut(rgb, 4, 2);
        Assert.Equal([0, 1, 4, 5, 100, 101, 104, 105, 200, 201, 204, 205], patches[..12]);
        Assert.Equal([10, 11, 14, 15], patches[36..40]);
    }
}
