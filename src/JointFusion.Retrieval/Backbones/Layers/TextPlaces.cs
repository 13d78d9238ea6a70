using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Tokens and their places, each a learned row.</summary>
internal sealed class TextPlaces : Module<Tensor, Tensor>
{
    private readonly TokenTable tokens;
    private readonly TokenTable places;
    private readonly int longest;

    public TextPlaces(int vocabulary, int longest, int width, Placement placement) : base(nameof(TextPlaces))
    {
        this.longest = longest;
        register_module("token_embedding", tokens = new TokenTable(vocabulary, width, placement));
        register_module("position_embedding", places = new TokenTable(longest, width, placement));
    }

    /// <exception cref="ArgumentException">A text has more tokens than there are places.</exception>
    public override Tensor forward(Tensor ids_NS)
    {
        var length = ids_NS.size(1);
        return length <= longest
            ? tokens.call(ids_NS).Plus(places.First(length))
            : throw new ArgumentException($"A text of {length} tokens; the tower has places for {longest}.");
    }
}
