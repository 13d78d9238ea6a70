using System.Text.Json.Nodes;
using JointFusion.Data;
using JointFusion.Experiments;
using NetVips;
using Xunit;

namespace JointFusion.Tests;

public sealed class ImageProcessorTests : IDisposable
{
    private const double Tolerance = 1e-6;
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Cases => new(
        from family in (string[])["clip", "siglip", "qwen2_vl"]
        from picture in (string[])["a", "b", "c"]
        select (family, picture));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_cover_every_golden_When_cases_are_counted() =>
        Assert.Equal(ProcessorGoldens.Names.Length, Cases.Count * 2 + Cases.Count(row => row.Data.Item1 == "qwen2_vl"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_equal_the_reference_pixel_by_pixel_When_exact(string family, string picture)
    {
        var image = Open(family, picture).Process(ProcessorGoldens.In($"{picture}.png"));
        var expected = ProcessorGoldens.Values<byte>($"{family}.{picture}.u8");
        // The golden holds the resized picture in planes; ours holds patches where the model takes them, so the golden is cut like that too.
        if (image.Grid is not null) expected = Rows(expected, ProcessorGoldens.Shape($"{family}.{picture}.u8"), patch: 14, frames: 2, merge: 2);
        Assert.Equal(expected, image.Pixels);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_hold_the_same_pixels_in_rows_of_patches_When_they_are_cut_for_batches(string family, string picture)
    {
        const int patch = 14;
        var config = family == "qwen2_vl" ? $"qwen2_vl.{picture}.preprocessor_config.json" : $"{family}.preprocessor_config.json";
        File.Copy(ProcessorGoldens.In(config), folder.In("preprocessor_config.json"));
        var shape = ProcessorGoldens.Shape($"{family}.{picture}.u8");
        if (shape[1] % patch != 0 || shape[2] % patch != 0)
        {
            Assert.Throws<DataException>(() => ImageProcessorFolder.OpenPatches(folder.Path, ImageMode.Exact, patch, null).Cut(ProcessorGoldens.In($"{picture}.png")));
            return;
        }
        var cut = ImageProcessorFolder.OpenPatches(folder.Path, ImageMode.Exact, patch, null).Cut(ProcessorGoldens.In($"{picture}.png"));
        Assert.Equal(shape[2] / patch, cut.Columns);
        Assert.Equal(Rows(ProcessorGoldens.Values<byte>($"{family}.{picture}.u8"), shape, patch, frames: 1, merge: 1), cut.Patches);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_give_the_reference_tensor_When_scaled(string family, string picture)
    {
        var processor = Open(family, picture);
        var image = processor.Process(ProcessorGoldens.In($"{picture}.png"));
        var name = $"{family}.{picture}.pixel_values";
        Assert.Equal(ProcessorGoldens.Shape(name), image.Shape);
        var expected = ProcessorGoldens.Values<float>(name);
        var got = processor.Scale.Apply(image);
        Assert.Equal(expected.Length, got.Length);
        Assert.InRange(expected.Zip(got, (want, value) => Math.Abs(want - value)).Max(), 0, Tolerance);
        if (family == "qwen2_vl")
            Assert.Equal(ProcessorGoldens.Values<long>($"{family}.{picture}.image_grid_thw"), (long[])[image.Grid!.Time, image.Grid.Rows, image.Grid.Columns]);
    }

    [Fact]
    public void Should_follow_the_reference_sizes_When_tables_are_given()
    {
        var sizes = ProcessorGoldens.Json("sizes.json");
        var smart = sizes.GetProperty("smart_resize").GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().ToArray()).ToArray();
        foreach (var row in smart)
        {
            var sizing = new SmartSizing(row[2].GetInt32(), row[3].GetInt32(), row[4].GetInt32());
            if (row[5].ValueKind == System.Text.Json.JsonValueKind.String)
                Assert.Throws<PictureShapeException>(() => sizing.Of(row[1].GetInt32(), row[0].GetInt32()));
            else
                Assert.Equal(ResizeGoal.Whole(row[6].GetInt32(), row[5].GetInt32()), sizing.Of(row[1].GetInt32(), row[0].GetInt32()));
        }
        // Where the two versions part, the later one is followed.
        foreach (var row in sizes.GetProperty("smart_resize_changed").GetProperty("rows").EnumerateArray())
        {
            var sizing = new SmartSizing(row[2].GetInt32(), row[3].GetInt32(), row[4].GetInt32());
            Assert.Equal(ResizeGoal.Whole(row[8].GetInt32(), row[7].GetInt32()), sizing.Of(row[1].GetInt32(), row[0].GetInt32()));
        }
        // A picture one pixel high is left out: the reference takes it for one in planes, and its height for a count of channels.
        var edges = sizes.GetProperty("shortest_edge").GetProperty("rows").EnumerateArray().Where(row => row[0].GetInt32() > 1).ToArray();
        foreach (var row in edges)
            Assert.Equal(ResizeGoal.Whole(row[4].GetInt32(), row[3].GetInt32()), new ShortestEdgeSizing(row[2].GetInt32(), null).Of(row[1].GetInt32(), row[0].GetInt32()));
        Assert.True(smart.Length > 30 && edges.Length > 50);
    }

    [Theory]
    [InlineData(500, 375, 224, 224)]
    [InlineData(37, 53, 224, 97)]
    [InlineData(1, 1, 5, 3)]
    [InlineData(3, 200, 1, 1)]
    [InlineData(900, 31, 11, 31)]
    public void Should_give_the_same_bytes_When_computed_with_vectors_or_without(int width, int height, int newWidth, int newHeight)
    {
        var pixels = new byte[width * height * 3];
        new Random(width).NextBytes(pixels);
        for (var i = 0; i < pixels.Length; i += 7) pixels[i] = (byte)(i % 2 * 255); // Overshoot on both sides has to be clipped.
        var picture = new RgbPicture(pixels, width, height);
        var goal = new ResizeGoal(newWidth, newHeight, newWidth / 5, newHeight / 3, newWidth - (newWidth / 5), newHeight - (newHeight / 3));
        Assert.Equal(Resize(picture, goal, vectors: false), Resize(picture, goal, vectors: true));
    }

    [Fact]
    public void Should_stay_near_exact_When_fast()
    {
        using var noise = Image.Gaussnoise(900, 700, sigma: 200, mean: 128, seed: 1).Gaussblur(3);
        using var grey = noise.Cast(Enums.BandFormat.Uchar);
        using var colored = grey.Bandjoin(grey.Rot180(), grey.FlipHor()).Copy(interpretation: Enums.Interpretation.Srgb);
        colored.WriteToFile(folder.In("a.jpg"));
        var exact = Open("siglip", "a").Process(folder.In("a.jpg")).Pixels;
        var fast = ImageProcessorFolder.Read(ProcessorGoldens.In("siglip.preprocessor_config.json"), ImageMode.Fast).Process(folder.In("a.jpg")).Pixels;
        Assert.NotEqual(exact, fast);
        Assert.InRange(exact.Zip(fast, (one, other) => Math.Abs(one - other)).Average(), 0, 3);
    }

    [Theory]
    [InlineData("clip", "image_processor_type", "\"ViTImageProcessor\"", "image_processor_type: the image processor \"ViTImageProcessor\" is not supported")]
    [InlineData("clip", "resample", "2", "resample: a filter other than 3 (bicubic): 2 is not supported")]
    [InlineData("clip", "do_resize", "false", "do_resize: a processor with false is not supported")]
    [InlineData("clip", "crop_size", "{ \"height\": 29, \"width\": 28 }", "crop_size: is larger than the shortest edge, 28")]
    [InlineData("clip", "image_mean", "[0.5, 0.5]", "image_mean: 3 numbers are expected, not 2")]
    [InlineData("siglip", "size", "{ \"height\": 28 }", "size: \"width\" is missing")]
    [InlineData("siglip", "size", "{ \"height\": 0, \"width\": 28 }", "size.height: a number above 0 is expected")]
    [InlineData("qwen2_vl.a", "min_pixels", "783", "min_pixels: at least one token's 784 pixels")]
    [InlineData("qwen2_vl.a", "patch_size", "\"14\"", "patch_size: an integer is expected")]
    public void Should_name_file_and_key_When_a_processor_is_not_supported(string config, string key, string json, string expected)
    {
        var changed = JsonNode.Parse(File.ReadAllBytes(ProcessorGoldens.In($"{config}.preprocessor_config.json")))!;
        changed[key] = JsonNode.Parse(json);
        File.WriteAllText(folder.In("preprocessor_config.json"), changed.ToJsonString());
        var error = Assert.Throws<DataException>(() => ImageProcessorFolder.Open(folder.Path, ImageMode.Exact));
        Assert.Contains(folder.In("preprocessor_config.json"), error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_picture_When_its_shape_is_refused_or_it_is_torn()
    {
        using var thin = (Image.Black(402, 2, bands: 3) + 100.0).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        thin.WriteToFile(folder.In("thin.png"));
        Assert.Contains("thin.png: one side is more than 200 times the other", Assert.Throws<DataException>(() => Open("qwen2_vl", "a").Process(folder.In("thin.png"))).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.In("torn.png"), File.ReadAllBytes(ProcessorGoldens.In("c.png"))[..5000]);
        Assert.Contains("torn.png: cannot be decoded", Assert.Throws<DataException>(() => Open("clip", "a").Process(folder.In("torn.png"))).Message, StringComparison.Ordinal);
    }

    /// <summary>White less ink, scaled by what black leaves: PIL's rule, which knows no colour profile.</summary>
    [Fact]
    public void Should_take_ink_from_white_When_a_picture_is_cmyk()
    {
        Assert.Equal([255, 200, 0, 128, 100, 0], RgbPixels.Of([0, 55, 255, 0, 0, 55, 255, 127], 4, Enums.Interpretation.Cmyk).ToArray());
        Assert.Equal([7, 7, 7, 9, 9, 9], RgbPixels.Of([7, 0, 9, 255], 2, Enums.Interpretation.Bw).ToArray());
    }

    private static byte[] Resize(RgbPicture picture, ResizeGoal goal, bool vectors)
    {
        var planes = new PlanarLayout().Begin(goal.KeptWidth, goal.KeptHeight);
        BicubicResampler.Resize(picture, goal, planes, vectors);
        return planes.Done().Pixels;
    }

    private static IImageProcessor Open(string family, string picture) => ImageProcessorFolder.Read(
        ProcessorGoldens.In(family == "qwen2_vl" ? $"qwen2_vl.{picture}.preprocessor_config.json" : $"{family}.preprocessor_config.json"), ImageMode.Exact);

    /// <summary>Planes to rows, element by element from the definition: reshape to (rows/m, m, p, columns/m, m, p), then the axes in another order.</summary>
    private static byte[] Rows(byte[] planes, int[] shape, int patch, int frames, int merge)
    {
        var (height, width) = (shape[1], shape[2]);
        return [.. from y in Enumerable.Range(0, height / patch / merge)
                   from x in Enumerable.Range(0, width / patch / merge)
                   from my in Enumerable.Range(0, merge)
                   from mx in Enumerable.Range(0, merge)
                   from channel in Enumerable.Range(0, 3)
                   from frame in Enumerable.Range(0, frames)
                   from py in Enumerable.Range(0, patch)
                   from px in Enumerable.Range(0, patch)
                   select planes[(((channel * height) + (((y * merge) + my) * patch) + py) * width) + (((x * merge) + mx) * patch) + px]];
    }
}
