using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Keeps of a layer its input alone, and computes the rest again when its gradient is asked for (Chen et al. 2016, arXiv 1604.06174).</summary>
/// <remarks>
/// Layers draw no random numbers, so that both times are the same. What the layer's parameters get is added to their gradients by the inner
/// backward. An exception there ends the process; but what was computed once is computed again with the same shapes.
/// </remarks>
internal sealed class Recomputation : autograd.SingleTensorFunction<Recomputation>
{
    private const string Layer = "layer";

    public override string Name => nameof(Recomputation);

    /// <param name="owner">Of the layer's parameters. Where nothing needs a gradient, as in a frozen tower, nothing is kept and nothing computed again.</param>
    /// <param name="layer">Everything but its input and its parameters must need no gradient.</param>
    public static Tensor Call(bool recompute, nn.Module owner, Func<Tensor, Tensor> layer, Tensor input)
    {
        if (!recompute || !is_grad_enabled() || !(input.requires_grad || owner.parameters().Any(parameter => parameter.requires_grad)))
            return LayerScope.Call(() => layer(input));
        // Behind frozen embeddings the first layer's input needs no gradient, but its adapters do.
        return apply(input.requires_grad ? input : input.detach().requires_grad_(true), layer);
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, layer) = ((Tensor)vars[0], (Func<Tensor, Tensor>)vars[1]);
        ctx.save_for_backward([input]);
        ctx.save_data(Layer, layer);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return layer(input).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var layer = (Func<Tensor, Tensor>)ctx.get_data(Layer);
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var input = ctx.get_saved_variables()[0].detach().requires_grad_(true);
        autograd.backward([layer(input)], [grad_output]);
        return [input.grad!.MoveToOuterDisposeScope(), null!];
    }
}

/// <summary>A stack of layers that can recompute them.</summary>
internal interface IRecomputing
{
    bool Recompute { set; }
}
