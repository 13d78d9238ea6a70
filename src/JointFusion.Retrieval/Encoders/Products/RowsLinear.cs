using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>x W' + b, and a residual added in passing, as a step of a graph.</summary>
/// <remarks>R rows, K numbers in, N out. An exception inside <see cref="backward"/> ends the process.</remarks>
internal sealed unsafe class RowsLinear : autograd.SingleTensorFunction<RowsLinear>
{
    [ThreadStatic]
    private static PinnedScratch<float>? scratch;

    public override string Name => nameof(RowsLinear);

    /// <param name="residual_RN">Or null.</param>
    public static Tensor Apply(Tensor x_RK, Linear linear, Tensor? residual_RN = null) => Apply(x_RK, linear.weight!, linear.bias, residual_RN);

    public static Tensor Apply(Tensor x_RK, Tensor weight_NK, Tensor? bias_N, Tensor? residual_RN) =>
        apply(x_RK, weight_NK, bias_N!, residual_RN!, x_RK.requires_grad, weight_NK.requires_grad || bias_N is { requires_grad: true });

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x_RK, weight_NK, bias_N, residual_RN) = (((Tensor)vars[0]).contiguous(), (Tensor)vars[1], (Tensor?)vars[2], ((Tensor?)vars[3])?.contiguous());
        var (rows, inputs, outputs) = (x_RK.size(0), (int)weight_NK.size(1), (int)weight_NK.size(0));
        var result_RN = empty(rows, outputs);
        using var packed = empty(Panels.Size(inputs, outputs));
        var panels = Panels.Pack(TensorMemory.Rows(weight_NK).Transposed, inputs, outputs, TensorMemory.Of(packed));
        var (x, result) = (TensorMemory.Rows(x_RK), TensorMemory.Rows(result_RN));
        var offset = bias_N is null ? Matrices.Zero : Matrices.Repeated(TensorMemory.Of(bias_N));
        var residual = residual_RN is null ? Matrices.Zero : TensorMemory.Rows(residual_RN);
        RowTiles.Each(rows, (first, count) => PanelProduct.Compute(x.From(first, 0), panels, residual.From(first, 0), offset, result.From(first, 0), count));
        GC.KeepAlive(residual_RN); // It may be a copy that only a pointer is left of.
        ctx.save_for_backward([x_RK, weight_NK]);
        ctx.save_data("parts", (bias_N is not null, residual_RN is not null, (bool)vars[4], (bool)vars[5]));
        return result_RN;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var (biased, residual, wantsInput, wantsParameters) = ((bool, bool, bool, bool))ctx.get_data("parts");
        var (x_RK, weight_NK, given_RN) = (saved[0], saved[1], grad_output.contiguous());
        var (rows, inputs, outputs) = (x_RK.size(0), (int)weight_NK.size(1), (int)weight_NK.size(0));
        var sums = wantsParameters ? new GradientSums(rows, [outputs, inputs], [outputs]) : null; // Of frozen layers nobody asks for them.
        var gradient_RK = wantsInput ? empty_like(x_RK) : null;
        using var packed = empty(Panels.Size(outputs, inputs));
        var panels = Panels.Pack(TensorMemory.Rows(weight_NK), outputs, inputs, TensorMemory.Of(packed));
        var (x, given, gradient) = (TensorMemory.Rows(x_RK), TensorMemory.Rows(given_RN), gradient_RK is null ? default : TensorMemory.Rows(gradient_RK));
        RowTiles.Each(rows, (slice, first, count) =>
        {
            sums?.AddLinear(slice, 0, 1, given.From(first, 0), x.From(first, 0), count, (scratch ??= new()).AtLeast(Panels.Size(count, inputs)));
            if (wantsInput)
                PanelProduct.Compute(given.From(first, 0), panels, Matrices.Zero, Matrices.Zero, gradient.From(first, 0), count);
        });
        var parameters = sums?.Total();
        GC.KeepAlive(given_RN); // It may be a copy that only a pointer is left of.
        return [gradient_RK!, parameters?[0]!, biased ? parameters?[1]! : null!, residual ? given_RN : null!, null!, null!];
    }
}
