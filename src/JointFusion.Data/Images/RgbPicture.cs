namespace JointFusion.Data;

/// <param name="Pixels">Interleaved, row by row: 3 * width * height bytes.</param>
internal sealed record RgbPicture(byte[] Pixels, int Width, int Height)
{
    public const int Channels = 3;
}
