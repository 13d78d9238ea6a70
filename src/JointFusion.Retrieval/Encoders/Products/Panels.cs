using System.Runtime.Intrinsics;

namespace JointFusion.Retrieval;

/// <summary>A matrix in panels of 32 columns, each panel's rows end to end, as <see cref="ProductTile"/> reads them; the last one filled up with 0.</summary>
/// <param name="first">Room for <see cref="Size"/> numbers.</param>
internal readonly unsafe struct Panels(float* first, int rows, int columns)
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public static int Size(int rows, int columns) => rows * ((columns + ProductTile.Columns - 1) / ProductTile.Columns * ProductTile.Columns);

    /// <summary>The panel that begins with a column, a multiple of 32.</summary>
    public float* At(int column) => first + ((nint)Rows * column);

    /// <param name="from">Rows or columns adjoin.</param>
    public static Panels Pack(Matrix<float> from, int rows, int columns, float* to)
    {
        var panels = new Panels(to, rows, columns);
        for (var column = 0; column < columns; column += ProductTile.Columns)
        {
            var width = Math.Min(ProductTile.Columns, columns - column);
            if (width < ProductTile.Columns)
                PackEdge(from.From(0, column), rows, width, panels.At(column));
            else if (from.Column == 1)
                PackRows(from.From(0, column), rows, panels.At(column));
            else
                PackColumns(from.From(0, column), rows, panels.At(column));
        }
        return panels;
    }

    private static void PackRows(Matrix<float> from, int rows, float* to)
    {
        for (var row = 0; row < rows; row++, to += ProductTile.Columns)
        {
            var source = from.At(row, 0);
            Vector512.Load(source).Store(to);
            Vector512.Load(source + Vector512<float>.Count).Store(to + Vector512<float>.Count);
        }
    }

    private static void PackColumns(Matrix<float> from, int rows, float* to)
    {
        for (var column = 0; column < ProductTile.Columns; column += 4)
        {
            float* a = from.At(0, column), b = from.At(0, column + 1), c = from.At(0, column + 2), d = from.At(0, column + 3), target = to + column;
            for (var row = 0; row < rows; row++, target += ProductTile.Columns)
                (target[0], target[1], target[2], target[3]) = (a[row], b[row], c[row], d[row]);
        }
    }

    private static void PackEdge(Matrix<float> from, int rows, int width, float* to)
    {
        for (var row = 0; row < rows; row++, to += ProductTile.Columns)
            for (var column = 0; column < ProductTile.Columns; column++)
                to[column] = column < width ? *from.At(row, column) : 0;
    }
}
