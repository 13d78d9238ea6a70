namespace JointFusion.Retrieval;

/// <summary>Numbers in native memory as rows and columns.</summary>
/// <param name="first">The upper left one.</param>
/// <param name="row">From a number to the one below it, in numbers.</param>
/// <param name="column">From a number to its right neighbour.</param>
internal readonly unsafe struct Matrix<T>(T* first, nint row, nint column = 1)
    where T : unmanaged
{
    public nint Row { get; } = row;

    public nint Column { get; } = column;

    public Matrix<T> Transposed => new(first, Column, Row);

    public T* At(nint i, nint j) => first + (i * Row) + (j * Column);

    /// <summary>What lies right of and below a place.</summary>
    public Matrix<T> From(nint i, nint j) => new(At(i, j), Row, Column);
}
