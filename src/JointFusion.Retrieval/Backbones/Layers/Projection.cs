using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>x W' + b, and where it is adapted + scale x A' B' (LoRA, Hu et al. 2021, arXiv 2106.09685).</summary>
public sealed class Projection : Module<Tensor, Tensor>
{
    private const string Down = "lora_A", Up = "lora_B";

    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ScalarType? compute;
    private Adapter? adapter;

    internal Projection(int inputs, int outputs, bool hasBias, Placement placement) : base(nameof(Projection))
    {
        (Inputs, Outputs, compute) = (inputs, outputs, placement.Compute);
        weight = placement.Unfilled(outputs, inputs);
        bias = hasBias ? placement.Unfilled(outputs) : null;
        RegisterComponents();
    }

    internal int Inputs { get; }

    internal int Outputs { get; }

    /// <summary>By which it is found among a module's parameters.</summary>
    internal nint WeightHandle => weight.Handle;

    internal bool IsAdapted => adapter is not null;

    /// <param name="input">[..., inputs].</param>
    /// <returns>[..., outputs], in the type of the weight, or that which is computed in.</returns>
    public override Tensor forward(Tensor input)
    {
        var output = functional.linear(input, weight.In(compute), bias?.In(compute));
        return adapter is null ? output : output.Plus(adapter.Call(input).to(output.dtype));
    }

    /// <summary>Adds A and B, unfilled and of at least float32: their updates are smaller than what bfloat16 can hold. Their products are computed in what the model's are.</summary>
    /// <returns>A [rank, inputs] and B [outputs, rank].</returns>
    internal (Parameter A, Parameter B) Adapt(int rank, double scale)
    {
        if (adapter is not null)
            throw new InvalidOperationException("The projection is adapted already: merge first.");
        var placement = new Placement(weight.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32, weight.device, compute);
        adapter = new Adapter(new Projection(Inputs, rank, false, placement), new Projection(rank, Outputs, false, placement), scale);
        register_module(Down, adapter.Down);
        register_module(Up, adapter.Up);
        return (adapter.Down.weight, adapter.Up.weight);
    }

    internal void DrawUp(Action<Parameter> draw)
    {
        if (adapter is not null)
            draw(adapter.Up.weight);
    }

    /// <summary>Adds scale B A to the weight, which computes the same from then on without them.</summary>
    internal void Merge()
    {
        if (adapter is null)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var change = adapter.Up.weight.mm(adapter.Down.weight).Times(adapter.Scale);
        weight.copy_(weight.to(change.dtype).Plus(change));
        _internal_submodules.Remove(Down);
        _internal_submodules.Remove(Up);
        adapter.Down.Dispose();
        adapter.Up.Dispose();
        adapter = null;
    }

    /// <summary>Not a module itself: PEFT's names have nothing between a projection and its A and B.</summary>
    private sealed record Adapter(Projection Down, Projection Up, double Scale)
    {
        public Tensor Call(Tensor input) => Up.call(Down.call(Down.compute is null ? input.to(Down.weight.dtype) : input)).Times(Scale);
    }
}
