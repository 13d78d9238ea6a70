namespace JointFusion.Data;

/// <param name="Pixels">Interleaved, row by row: 3 * width * height bytes.</param>
internal sealed record RgbPicture(byte[] Pixels, int Width, int Height) : IRowSource
{
    public const int Channels = 3;

    public (double Width, double Height) Extent => (Width, Height);

    public ReadOnlySpan<byte> Read(int y) => Pixels.AsSpan(y * Width * Channels);
}
