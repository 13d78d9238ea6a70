namespace JointFusion.Training;

/// <summary>A range of a buffer, in bytes.</summary>
internal readonly record struct Segment(long Offset, long Bytes)
{
    /// <summary>A range given in elements of <paramref name="elementSize"/> bytes.</summary>
    public static Segment Of(int start, int length, int elementSize) => new((long)start * elementSize, (long)length * elementSize);
}
