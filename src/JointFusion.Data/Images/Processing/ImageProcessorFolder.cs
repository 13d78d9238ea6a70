namespace JointFusion.Data;

/// <summary>Finds the image processor in the folder of a pretrained model.</summary>
public static class ImageProcessorFolder
{
    /// <param name="path">A folder in Hugging Face's layout, with a preprocessor_config.json.</param>
    /// <exception cref="DataException">There is none, or one that is not supported: the message names file and key.</exception>
    public static IImageProcessor Open(string path, ImageMode mode) => Read(Path.Combine(path, "preprocessor_config.json"), mode);

    internal static IImageProcessor Read(string file, ImageMode mode)
    {
        var top = JsonPlace.Open(file);
        var kind = top.Find("image_processor_type") ?? top.Get("feature_extractor_type");
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
        return new ImageProcessor(mode, ImageSizings.Qwen2Vl(top, patch * merge), new MergedPatchLayout(patch, frames, merge), Scale(top));
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
