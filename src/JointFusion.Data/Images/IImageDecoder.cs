namespace JointFusion.Data;

/// <summary>Turns picture files into pixels. Thread-safe.</summary>
public interface IImageDecoder
{
    /// <summary>RGB, interleaved, row by row: 3 * <paramref name="size"/> * <paramref name="size"/> bytes. The picture is squeezed into the square.</summary>
    /// <exception cref="DataException">The file is missing, or is no picture that can be read.</exception>
    byte[] Decode(string path, int size);
}
