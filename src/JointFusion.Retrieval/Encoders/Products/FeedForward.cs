using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>x + down(gelu(up(norm(x)))), tile by tile: of what lies between only the numbers before GELU reach memory, for the gradient.</summary>
/// <remarks>R rows of W, M wide between the products.</remarks>
internal sealed unsafe class FeedForward : autograd.SingleTensorFunction<FeedForward>
{
    [ThreadStatic]
    private static PinnedScratch<float>? scratch;

    public override string Name => nameof(FeedForward);

    public static Tensor Apply(Tensor x_RW, LayerNorm norm, Linear up, Linear down) =>
        apply(
            x_RW, norm.weight!, norm.bias!, up.weight!, up.bias!, down.weight!, down.bias!,
            ((Tensor[])[up.weight!, up.bias!, down.weight!, down.bias!]).Any(parameter => parameter.requires_grad));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_RW, scale_W, shift_W, up_MW, upBias_M) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3], (Tensor)vars[4]);
        var (down_WM, downBias_W) = ((Tensor)vars[5], (Tensor)vars[6]);
        var (rows, width, inner) = (x_RW.size(0), (int)x_RW.size(1), (int)up_MW.size(0));
        var (result_RW, moments_R2, raised_RM) = (empty(rows, width), empty(rows, 2), empty(rows, inner));
        using var packed = empty(Panels.Size(width, inner) + Panels.Size(inner, width));
        var ups = Panels.Pack(TensorMemory.Rows(up_MW).Transposed, width, inner, TensorMemory.Of(packed));
        var downs = Panels.Pack(TensorMemory.Rows(down_WM).Transposed, inner, width, TensorMemory.Of(packed) + Panels.Size(width, inner));
        var norm = new NormedRows(x_RW, scale_W, shift_W, moments_R2);
        var (x, raised, result) = (TensorMemory.Rows(x_RW), TensorMemory.Rows(raised_RM), TensorMemory.Rows(result_RW));
        var (upOffset, downOffset) = (Matrices.Repeated(TensorMemory.Of(upBias_M)), Matrices.Repeated(TensorMemory.Of(downBias_W)));
        RowTiles.Each(rows, (first, count) =>
        {
            var normed = new Matrix<float>((scratch ??= new()).AtLeast(RowTiles.Rows * (width + Apart(inner))), width);
            var active = new Matrix<float>(normed.At(RowTiles.Rows, 0), Apart(inner));
            norm.Forward(first, count, normed);
            PanelProduct.Compute(normed, ups, Matrices.Zero, upOffset, raised.From(first, 0), count);
            for (var row = 0; row < count; row++)
                GeluKernel.Forward(raised.At(first + row, 0), active.At(row, 0), inner);
            PanelProduct.Compute(active, downs, x.From(first, 0), downOffset, result.From(first, 0), count);
        });
        ctx.save_for_backward([x_RW, scale_W, shift_W, up_MW, down_WM, moments_R2, raised_RM]);
        ctx.save_data("wantsLinears", (bool)vars[7]);
        return result_RW;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var (x_RW, up_MW, down_WM, given_RW) = (saved[0], saved[3], saved[4], grad_output.contiguous());
        var (rows, width, inner) = (x_RW.size(0), (int)x_RW.size(1), (int)up_MW.size(0));
        var wantsLinears = (bool)ctx.get_data("wantsLinears"); // Of frozen layers nobody asks for theirs.
        var sums = wantsLinears
            ? new GradientSums(rows, [width], [width], [inner, width], [inner], [width, inner], [width])
            : new GradientSums(rows, [width], [width]);
        var gradient_RW = empty_like(x_RW);
        using var packed = empty(Panels.Size(inner, width) + Panels.Size(width, inner));
        var ups = Panels.Pack(TensorMemory.Rows(up_MW), inner, width, TensorMemory.Of(packed));
        var downs = Panels.Pack(TensorMemory.Rows(down_WM), width, inner, TensorMemory.Of(packed) + Panels.Size(inner, width));
        var norm = new NormedRows(x_RW, saved[1], saved[2], saved[5]);
        var (given, raised, gradient) = (TensorMemory.Rows(given_RW), TensorMemory.Rows(saved[6]), TensorMemory.Rows(gradient_RW));
        RowTiles.Each(rows, (slice, first, count) =>
        {
            var room = (scratch ??= new()).AtLeast((RowTiles.Rows * (width + (3 * Apart(inner)))) + Panels.Size(RowTiles.Rows, Math.Max(width, inner)));
            var normed = new Matrix<float>(room, width);
            var active = new Matrix<float>(normed.At(RowTiles.Rows, 0), Apart(inner));
            var (slopes, differences) = (active.From(RowTiles.Rows, 0), active.From(2 * RowTiles.Rows, 0));
            var givenRows = given.From(first, 0);
            var free = active.At(3 * RowTiles.Rows, 0);
            for (var row = 0; row < count; row++)
                GeluKernel.Backward(raised.At(first + row, 0), active.At(row, 0), slopes.At(row, 0), inner);
            if (wantsLinears)
                sums.AddLinear(slice, 4, 5, givenRows, active, count, free);
            PanelProduct.Compute(givenRows, downs, Matrices.Zero, Matrices.Zero, differences, count);
            for (var row = 0; row < count; row++)
                Rows.Multiply(slopes.At(row, 0), differences.At(row, 0), inner);
            norm.Again(first, count, normed);
            if (wantsLinears)
                sums.AddLinear(slice, 2, 3, differences, normed, count, free);
            PanelProduct.Compute(differences, ups, Matrices.Zero, Matrices.Zero, normed, count);
            norm.Backward(first, count, normed, givenRows, gradient.From(first, 0), sums.Of(slice, 0), sums.Of(slice, 1));
        });
        GC.KeepAlive(given_RW); // It may be a copy that only a pointer is left of.
        return [gradient_RW, .. sums.Total(), .. wantsLinears ? [] : (Tensor[])[null!, null!, null!, null!], null!];
    }

    /// <summary>From row to row so many numbers that rows of a power of two do not all share the same places in the cache.</summary>
    private static int Apart(int width) => width + ProductTile.Columns;
}
