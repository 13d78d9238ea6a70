using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Gradients of parameters, summed slice by slice, then over the slices in their order.</summary>
internal sealed unsafe class GradientSums
{
    private readonly long[][] shapes;
    private readonly long[] offsets;
    private readonly long total;
    private readonly int slices;
    private readonly Tensor sums;

    /// <param name="rows">That are divided into slices.</param>
    /// <param name="shapes">Of the parameters.</param>
    public GradientSums(long rows, params long[][] shapes)
    {
        this.shapes = shapes;
        slices = RowTiles.Slices(rows);
        offsets = new long[shapes.Length];
        for (var i = 0; i < shapes.Length; i++)
        {
            offsets[i] = total;
            total += (Count(shapes[i]) + ProductTile.Columns - 1) / ProductTile.Columns * ProductTile.Columns;
        }
        sums = zeros(slices * total);
    }

    /// <summary>A parameter's sum of one slice, at first 0.</summary>
    public float* Of(int slice, int parameter) => TensorMemory.Of(sums) + (slice * total) + offsets[parameter];

    /// <summary>As <see cref="Of"/>.</summary>
    public Matrix<float> Matrix(int slice, int parameter) => new(Of(slice, parameter), (nint)shapes[parameter][^1]);

    /// <summary>Adds a linear layer's gradients: of its weights, N x K, and of its bias.</summary>
    /// <param name="given">Of its results: rows x N.</param>
    /// <param name="x">Its inputs: rows x K.</param>
    /// <param name="room">For x in panels.</param>
    public void AddLinear(int slice, int weight, int bias, Matrix<float> given, Matrix<float> x, int rows, float* room)
    {
        var (outputs, inputs, sum) = ((int)shapes[weight][0], (int)shapes[weight][1], Matrix(slice, weight));
        PanelProduct.Compute(given.Transposed, Panels.Pack(x, rows, inputs, room), sum, Matrices.Zero, sum, outputs);
        Rows.AddSum(given, rows, Of(slice, bias), outputs);
    }

    /// <returns>In the parameters' order and shapes.</returns>
    public IReadOnlyList<Tensor> Total()
    {
        for (var slice = 1; slice < slices; slice++)
            Rows.Add(Of(slice, 0), Of(0, 0), (int)total);
        return [.. shapes.Select((shape, i) => sums.narrow(0, offsets[i], Count(shape)).view(shape))];
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (left, right) => left * right);
}
