using System.Runtime.InteropServices;

namespace JointFusion.Retrieval;

/// <summary>Matrices that need no memory of their own.</summary>
internal static unsafe class Matrices
{
    private static readonly float* Zeros = (float*)NativeMemory.AlignedAlloc(sizeof(float) * ProductTile.Columns, 64);

    static Matrices() => NativeMemory.Clear(Zeros, sizeof(float) * ProductTile.Columns);

    /// <summary>0 everywhere; as many columns may be read at once as a tile has.</summary>
    public static Matrix<float> Zero => new(Zeros, 0, 0);

    /// <summary>The same row for all.</summary>
    public static Matrix<float> Repeated(float* row) => row is null ? Zero : new(row, 0);
}
