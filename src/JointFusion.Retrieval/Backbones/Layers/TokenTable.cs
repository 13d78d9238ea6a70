using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A learned row for each id.</summary>
public sealed class TokenTable : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly ScalarType? compute;

    internal TokenTable(int ids, int width, Placement placement) : base(nameof(TokenTable))
    {
        compute = placement.Compute;
        weight = placement.Unfilled(ids, width);
        RegisterComponents();
    }

    /// <param name="ids">Int64, of any shape.</param>
    /// <returns>[..., W].</returns>
    public override Tensor forward(Tensor ids) => weight.index_select(0, ids.reshape(-1)).In(compute).view([.. ids.shape, weight.size(1)]);

    /// <summary>The rows 0 to <paramref name="count"/> - 1.</summary>
    internal Tensor First(long count) => weight.narrow(0, 0, count).In(compute);

    /// <summary>[..., W] to a score for each id, where the table is the output matrix too.</summary>
    internal Tensor Scores(Tensor states) => functional.linear(states, weight.In(compute));
}
