using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Finds the image processor in the folder of a pretrained model.</summary>
public static class ImageProcessorFolder
{
    private const string FileName = "preprocessor_config.json";

    /// <param name="path">A folder in Hugging Face's layout, with a preprocessor_config.json.</param>
    /// <exception cref="DataException">There is none, or one that is not supported: the message names file and key.</exception>
    public static IImageProcessor Open(string path, ImageMode mode) => Read(Path.Combine(path, FileName), mode);

    /// <summary>The same pictures cut into patches, row by row: what batches hold.</summary>
    /// <param name="patchSize">Pixels a side, as the model's config.json says.</param>
    /// <param name="maxPixels">In place of the file's, for a model that takes pictures of any size; null: the file's.</param>
    /// <exception cref="DataException">There is none, or one that is not supported: the message names file and key.</exception>
    public static ProcessedPatches OpenPatches(string path, ImageMode mode, int patchSize, int? maxPixels)
    {
        var top = JsonPlace.Open(Path.Combine(path, FileName));
        RequireUsual(top);
        const double usual = 1 / 255.0;
        if (top.Find("rescale_factor") is { } factor && Math.Abs(factor.Number() - usual) > 1e-9) throw factor.Unsupported("a factor other than 1/255:");
        foreach (var name in (string[])["do_rescale", "do_normalize"])
        {
            if (!top.Flag(name, true)) throw top.Get(name).Unsupported("a processor with");
        }

        var (sizing, most) = Sizing(top, patchSize, maxPixels);
        return new ProcessedPatches(mode, sizing, Scale(top), patchSize, most);
    }

    private static (IImageSizing Sizing, int MostPixels) Sizing(JsonPlace top, int patchSize, int? maxPixels)
    {
        var kind = Kind(top);
        switch (kind.Text())
        {
            case "CLIPImageProcessor" or "CLIPImageProcessorFast" or "CLIPFeatureExtractor":
                return Fixed(ImageSizings.Clip(top), kind);
            case "SiglipImageProcessor" or "SiglipImageProcessorFast":
                return Fixed(ImageSizings.Siglip(top), kind);
            case "Qwen2VLImageProcessor" or "Qwen2VLImageProcessorFast":
                if (Positive(top, "patch_size") != patchSize) throw top.Get("patch_size").Fault($"config.json has patches of {patchSize}");
                var sizing = ImageSizings.Qwen2Vl(top, patchSize * Positive(top, "merge_size"), maxPixels);
                return (sizing, sizing.MaxPixels);
            default:
                throw kind.Unsupported("the image processor");
        }
    }

    /// <summary>Whatever the picture, its result is of one size.</summary>
    private static (IImageSizing, int) Fixed(IImageSizing sizing, JsonPlace kind)
    {
        const int Short = 500, Long = 1000;
        var (tall, wide) = (sizing.Of(Short, Long), sizing.Of(Long, Short));
        return (tall.KeptWidth, tall.KeptHeight) == (wide.KeptWidth, wide.KeptHeight)
            ? (sizing, tall.KeptWidth * tall.KeptHeight)
            : throw kind.Fault("pictures of one size are expected: its do_center_crop is false");
    }

    private static JsonPlace Kind(JsonPlace top) => top.Find("image_processor_type") ?? top.Get("feature_extractor_type");

    internal static IImageProcessor Read(string file, ImageMode mode)
    {
        var top = JsonPlace.Open(file);
        var kind = Kind(top);
        RequireUsual(top);
        return kind.Text() switch
        {
            // What transformers calls fast is torchvision's arithmetic; the weights were trained on PIL's.
            "CLIPImageProcessor" or "CLIPImageProcessorFast" or "CLIPFeatureExtractor" =>
                new ImageProcessor(mode, ImageSizings.Clip(top), new PlanarLayout(), Scale(top)),
            "SiglipImageProcessor" or "SiglipImageProcessorFast" =>
                new ImageProcessor(mode, ImageSizings.Siglip(top), new PlanarLayout(), Scale(top)),
            "Qwen2VLImageProcessor" or "Qwen2VLImageProcessorFast" => Qwen2Vl(top, mode),
            _ => throw kind.Unsupported("the image processor"),
        };
    }

    private static ImageProcessor Qwen2Vl(JsonPlace top, ImageMode mode)
    {
        var (patch, merge, frames) = (Positive(top, "patch_size"), Positive(top, "merge_size"), Positive(top, "temporal_patch_size"));
        return new ImageProcessor(mode, ImageSizings.Qwen2Vl(top, patch * merge, maxPixels: null), new MergedPatchLayout(patch, frames, merge), Scale(top));
    }

    /// <summary>Every published processor of these models does so; what does not is refused.</summary>
    private static void RequireUsual(JsonPlace top)
    {
        const int Bicubic = 3;
        foreach (var name in (string[])["do_resize", "do_convert_rgb"])
        {
            if (!top.Flag(name, true)) throw top.Get(name).Unsupported("a processor with");
        }

        if (top.Find("resample") is { } resample && resample.Integer() != Bicubic) throw resample.Unsupported("a filter other than 3 (bicubic):");
    }

    private static ChannelLevels Scale(JsonPlace top)
    {
        double? factor = top.Flag("do_rescale", true) ? top.Find("rescale_factor")?.Number() ?? 1 / 255.0 : null;
        return top.Flag("do_normalize", true) ? new ChannelLevels(factor, Channels(top.Get("image_mean")), Channels(top.Get("image_std"))) : new ChannelLevels(factor, null, null);
    }

    private static double[] Channels(JsonPlace place)
    {
        double[] values = [.. place.Items().Select(item => item.Number())];
        return values.Length == RgbPicture.Channels ? values : throw place.Fault($"{RgbPicture.Channels} numbers are expected, not {values.Length}");
    }

    private static int Positive(JsonPlace top, string name) => ImageSizings.Positive(top.Get(name));
}
