using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class ImageTokens
{
    /// <summary>Embedded tokens with rows of pictures in place of image tokens.</summary>
    /// <param name="places_I">Int64: where each row of the pictures goes.</param>
    /// <param name="images_IW">Of all pictures end to end.</param>
    /// <exception cref="ArgumentException">Image tokens and rows differ in number.</exception>
    public static Tensor WithImages(this Tensor embedded_RW, Tensor places_I, Tensor images_IW) => places_I.size(0) == images_IW.size(0)
        ? embedded_RW.index_copy(0, places_I, images_IW.to(embedded_RW.dtype))
        : throw new ArgumentException($"The texts have {places_I.size(0)} image tokens, the pictures {images_IW.size(0)} patches.");

    /// <summary>The places of image tokens, in their order.</summary>
    public static Tensor PlacesOf(this Tensor ids, long imageToken) => ids.reshape(-1).EqualTo(imageToken).nonzero().reshape(-1);
}
