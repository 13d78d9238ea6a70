using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class ImageTokens
{
    /// <summary>Embedded tokens with rows of pictures in place of image tokens, in their order.</summary>
    /// <param name="isImage_NS">Bool.</param>
    /// <param name="images_RW">Of all pictures end to end.</param>
    /// <exception cref="ArgumentException">Image tokens and rows differ in number.</exception>
    public static Tensor WithImages(this Tensor embedded_NSW, Tensor isImage_NS, Tensor images_RW)
    {
        var tokens = (long)isImage_NS.sum().ToNumber();
        return tokens == images_RW.size(0)
            ? embedded_NSW.masked_scatter(isImage_NS.unsqueeze(2), images_RW.to(embedded_NSW.dtype))
            : throw new ArgumentException($"The texts have {tokens} image tokens, the pictures {images_RW.size(0)} patches.");
    }
}
