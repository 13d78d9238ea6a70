using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A layer norm and the linear layer behind it, tile by tile: what lies between them is never in memory.</summary>
/// <remarks>R rows of W, N numbers out.</remarks>
internal sealed unsafe class NormedLinear : autograd.SingleTensorFunction<NormedLinear>
{
    [ThreadStatic]
    private static PinnedScratch<float>? scratch;

    public override string Name => nameof(NormedLinear);

    public static Tensor Apply(Tensor x_RW, LayerNorm norm, Linear linear) =>
        apply(x_RW, norm.weight!, norm.bias!, linear.weight!, linear.bias!, linear.weight!.requires_grad || linear.bias!.requires_grad);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_RW, scale_W, shift_W, weight_NW, bias_N) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3], (Tensor)vars[4]);
        var (rows, width, outputs) = (x_RW.size(0), (int)x_RW.size(1), (int)weight_NW.size(0));
        var (result_RN, moments_R2) = (empty(rows, outputs), empty(rows, 2));
        using var packed = empty(Panels.Size(width, outputs));
        var panels = Panels.Pack(TensorMemory.Rows(weight_NW).Transposed, width, outputs, TensorMemory.Of(packed));
        var norm = new NormedRows(x_RW, scale_W, shift_W, moments_R2);
        var (offset, result) = (Matrices.Repeated(TensorMemory.Of(bias_N)), TensorMemory.Rows(result_RN));
        RowTiles.Each(rows, (first, count) =>
        {
            var normed = new Matrix<float>((scratch ??= new()).AtLeast(RowTiles.Rows * width), width);
            norm.Forward(first, count, normed);
            PanelProduct.Compute(normed, panels, Matrices.Zero, offset, result.From(first, 0), count);
        });
        ctx.save_for_backward([x_RW, scale_W, shift_W, weight_NW, moments_R2]);
        ctx.save_data("wantsLinear", (bool)vars[5]);
        return result_RN;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var (x_RW, scale_W, shift_W, weight_NW, given_RN) = (saved[0], saved[1], saved[2], saved[3], grad_output.contiguous());
        var (rows, width, outputs) = (x_RW.size(0), (int)x_RW.size(1), (int)weight_NW.size(0));
        var wantsLinear = (bool)ctx.get_data("wantsLinear"); // Of frozen layers nobody asks for theirs.
        var sums = wantsLinear ? new GradientSums(rows, [width], [width], [outputs, width], [outputs]) : new GradientSums(rows, [width], [width]);
        var gradient_RW = empty_like(x_RW);
        using var packed = empty(Panels.Size(outputs, width));
        var panels = Panels.Pack(TensorMemory.Rows(weight_NW), outputs, width, TensorMemory.Of(packed));
        var norm = new NormedRows(x_RW, scale_W, shift_W, saved[4]);
        var (given, gradient) = (TensorMemory.Rows(given_RN), TensorMemory.Rows(gradient_RW));
        RowTiles.Each(rows, (slice, first, count) =>
        {
            var normed = new Matrix<float>((scratch ??= new()).AtLeast((RowTiles.Rows * width) + Panels.Size(RowTiles.Rows, width)), width);
            var givenRows = given.From(first, 0);
            norm.Again(first, count, normed);
            if (wantsLinear)
                sums.AddLinear(slice, 2, 3, givenRows, normed, count, normed.At(RowTiles.Rows, 0));
            PanelProduct.Compute(givenRows, panels, Matrices.Zero, Matrices.Zero, normed, count);
            norm.Backward(first, count, normed, also: null, gradient.From(first, 0), sums.Of(slice, 0), sums.Of(slice, 1));
        });
        GC.KeepAlive(given_RN); // It may be a copy that only a pointer is left of.
        return [gradient_RW, .. sums.Total(), .. wantsLinear ? [] : (Tensor[])[null!, null!], null!];
    }
}
