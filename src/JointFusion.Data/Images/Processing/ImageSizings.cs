using System.Text.Json;

namespace JointFusion.Data;

/// <summary>Reads <c>size</c> and <c>crop_size</c> of a preprocessor_config.json.</summary>
internal static class ImageSizings
{
    public static IImageSizing Clip(JsonPlace top)
    {
        var size = top.Get("size");
        var crop = top.Flag("do_center_crop", true) ? Rectangle(top.Get("crop_size")) : ((int Width, int Height)?)null;
        if (size.Value.ValueKind == JsonValueKind.Object && size.Find("shortest_edge") is null)
        {
            var (width, height) = Rectangle(size);
            return crop is null || crop == (width, height) ? new FixedSizing(width, height) : throw top.Get("crop_size").Fault("another size than \"size\" is not supported");
        }

        var edge = Positive(size.Value.ValueKind == JsonValueKind.Number ? size : size.Get("shortest_edge"));
        return crop is not var (cropWidth, cropHeight) || Math.Max(cropWidth, cropHeight) <= edge
            ? new ShortestEdgeSizing(edge, crop)
            : throw top.Get("crop_size").Fault($"is larger than the shortest edge, {edge}, which is not supported");
    }

    public static IImageSizing Siglip(JsonPlace top)
    {
        var (width, height) = Rectangle(top.Get("size"));
        return new FixedSizing(width, height);
    }

    /// <param name="factor">Pixels a side of one token.</param>
    /// <param name="maxPixels">In place of the file's.</param>
    public static SmartSizing Qwen2Vl(JsonPlace top, int factor, int? maxPixels)
    {
        var size = top.Find("size");
        var least = top.Find("min_pixels") ?? size?.Get("shortest_edge") ?? throw top.Fault("\"min_pixels\" is missing");
        var most = top.Find("max_pixels") ?? size?.Get("longest_edge") ?? throw top.Fault("\"max_pixels\" is missing");
        if (least.Integer() < factor * factor) throw least.Fault($"at least one token's {factor * factor} pixels are expected");
        if (most.Integer() < least.Integer()) throw most.Fault("is below the minimum");
        return new SmartSizing(factor, Math.Min(least.Integer(), maxPixels ?? int.MaxValue), maxPixels ?? most.Integer());
    }

    public static int Positive(JsonPlace place) => place.Integer() > 0 ? place.Integer() : throw place.Fault("a number above 0 is expected");

    /// <summary>Early files have one number for both sides.</summary>
    private static (int Width, int Height) Rectangle(JsonPlace size) => size.Value.ValueKind == JsonValueKind.Number
        ? (Positive(size), Positive(size))
        : (Positive(size.Get("width")), Positive(size.Get("height")));
}
