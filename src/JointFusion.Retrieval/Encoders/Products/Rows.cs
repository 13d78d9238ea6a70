using System.Runtime.Intrinsics;

namespace JointFusion.Retrieval;

/// <summary>What is done to whole rows of numbers.</summary>
internal static unsafe class Rows
{
    private static int Lanes => Vector512<float>.Count;

    /// <summary>to += from.</summary>
    public static void Add(float* from, float* to, int count)
    {
        var i = 0;
        for (; i <= count - Lanes; i += Lanes)
            (Vector512.Load(to + i) + Vector512.Load(from + i)).Store(to + i);
        for (; i < count; i++)
            to[i] += from[i];
    }

    /// <summary>to *= from, whole vectors.</summary>
    public static void Multiply(float* from, float* to, int count)
    {
        for (var i = 0; i < count; i += Lanes)
            (Vector512.Load(to + i) * Vector512.Load(from + i)).Store(to + i);
    }

    /// <summary>to += the sum of the rows.</summary>
    public static void AddSum(Matrix<float> from, int rows, float* to, int columns)
    {
        for (var row = 0; row < rows; row++)
            Add(from.At(row, 0), to, columns);
    }
}
