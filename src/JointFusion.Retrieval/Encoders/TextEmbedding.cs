using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Token ids -> positions of a tower, each with a learned place.</summary>
/// <remarks>One look-up for all groups: the gradient of each is as large as the table. With the patches' products, group by group, they took a sixth of a step on texts of many lengths.</remarks>
public sealed class TextEmbedding : Module<IReadOnlyList<ModalityGroup>, IReadOnlyList<TokenSequence?>>
{
    private readonly Embedding table_VW;
    private readonly Parameter places_TW;

    public TextEmbedding(int vocabularySize, int maxTokens, int width) : base(nameof(TextEmbedding))
    {
        table_VW = Embedding(vocabularySize, width);
        places_TW = Parameter(zeros(maxTokens, width));
        RegisterComponents();
    }

    /// <returns>By group; null where it has no text.</returns>
    public override IReadOnlyList<TokenSequence?> forward(IReadOnlyList<ModalityGroup> groups) => Packing.Together(
        [.. groups.Select(group => group.Tokens_NT)],
        table_VW.call,
        (group, found_NTW) => new TokenSequence(found_NTW.Plus(places_TW.narrow(0, 0, found_NTW.size(1))), groups[group].TextPresent_NT));
}
