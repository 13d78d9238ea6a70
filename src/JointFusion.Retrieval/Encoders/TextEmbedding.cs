using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Token ids -> positions of a tower, each with a learned place.</summary>
public sealed class TextEmbedding : Module<ModalityGroup, TokenSequence>
{
    private readonly Embedding table_VW;
    private readonly Parameter places_TW;

    public TextEmbedding(int vocabularySize, int maxTokens, int width) : base(nameof(TextEmbedding))
    {
        table_VW = Embedding(vocabularySize, width);
        places_TW = Parameter(zeros(maxTokens, width));
        RegisterComponents();
    }

    /// <param name="group">With text.</param>
    public override TokenSequence forward(ModalityGroup group)
    {
        var tokens_NT = group.Tokens_NT ?? throw new ArgumentException("The group holds no text.", nameof(group));
        var places = places_TW.narrow(0, 0, tokens_NT.size(1));
        return new TokenSequence(table_VW.call(tokens_NT).Plus(places), group.TextPresent_NT);
    }
}
