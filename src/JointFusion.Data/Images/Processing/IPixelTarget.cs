namespace JointFusion.Data;

/// <summary>Takes a picture's rows to their places.</summary>
internal interface IPixelTarget
{
    /// <param name="row">Interleaved RGB.</param>
    void Put(int y, ReadOnlySpan<byte> row);

    /// <summary>After the last row.</summary>
    ProcessedImage Done();
}
