using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>
/// One tower: patches and tokens attend to each other, from the first block, from a later one, or in none (isolated fusion): then only the two
/// parts' embeddings meet, in a sum.
/// </summary>
/// <remarks>
/// Parts that do not see each other are sequences of their own, each behind a summary: one shared by both would carry the one to the other. Where they
/// meet, the two summaries become their mean. An item of one part is the same sequence in all of them.
/// <code>
///   early         [s patches tokens] -> blocks -> mean -> project
///   meeting       [s patches] [s tokens] -> blocks -> [s' patches tokens] -> blocks -> mean -> project
///   isolated      [s patches] [s tokens] -> blocks -> mean + mean -> project
/// </code>
/// </remarks>
public sealed class EarlyFusionEncoder : Module<IReadOnlyList<ModalityGroup>, Tensor>
{
    private readonly PatchEmbedding patches;
    private readonly TextEmbedding text;
    private readonly Transformer tower;
    private readonly Linear project;
    private readonly Precision precision;
    private readonly TowerPooling pooling;
    private readonly int isolatedBlocks;
    private readonly bool meets;

    public EarlyFusionEncoder(RetrieverShape shape, Precision precision) : base(nameof(EarlyFusionEncoder))
    {
        var joint = shape.Joint ?? throw new ArgumentException("Early fusion needs a joint tower.", nameof(shape));
        (this.precision, pooling) = (precision, new TowerPooling(shape.Pooling));
        (isolatedBlocks, meets) = (shape.IsolatedLayers, shape.IsolatedLayers < joint.Layers);
        patches = new PatchEmbedding(shape.PatchSize, shape.PatchesPerImage, joint.Width, precision);
        text = new TextEmbedding(shape.VocabularySize, shape.MaxTextTokens, joint.Width);
        tower = new Transformer(joint, precision, shape.Attention);
        project = Linear(joint.Width, shape.EmbeddingWidth, hasBias: false);
        RegisterComponents();
    }

    /// <returns>[N, E], not yet normalised; the groups' items one after the other.</returns>
    public override Tensor forward(IReadOnlyList<ModalityGroup> groups)
    {
        var parts = new ItemParts(patches.call(groups), text.call(groups));
        return project.Call(cat(isolatedBlocks == 0 ? Early(parts) : meets ? Meeting(parts) : Isolated(parts), 0), precision);
    }

    private Tensor[] Early(ItemParts parts) => [.. tower.call(parts.Joined()).Select(pooling.Pool_NW)];

    private Tensor[] Meeting(ItemParts parts) => [.. tower.MeetAfter(isolatedBlocks, parts.Apart(), outputs => parts.ByGroup(outputs, output => output, Meet)).Select(pooling.Pool_NW)];

    private Tensor[] Isolated(ItemParts parts) => [.. parts.ByGroup(tower.call(parts.Apart()), pooling.Pool_NW, (image, words) => pooling.Pool_NW(image).Plus(pooling.Pool_NW(words)))];

    /// <param name="image">Behind its summary.</param>
    /// <param name="words">Behind its own.</param>
    /// <returns>Both behind the mean of the summaries.</returns>
    internal static TokenSequence Meet(TokenSequence image, TokenSequence words)
    {
        var summary = image.Part(0, 1).Tokens_NSW.Plus(words.Part(0, 1).Tokens_NSW).Over(2);
        return TokenSequence.Join(new TokenSequence(summary, null), image.Part(1), words.Part(1));
    }
}
