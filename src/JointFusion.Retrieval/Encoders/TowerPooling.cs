using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which state of a tower's sequence, or what of them, stands for it.</summary>
/// <param name="kind">Null: the mean.</param>
internal sealed class TowerPooling(Experiments.Pooling? kind)
{
    /// <param name="output">The summary first, then S positions.</param>
    public Tensor Pool_NW(TokenSequence output) => kind switch
    {
        null or Experiments.Pooling.Mean => Transformer.Mean_NW(output),
        Experiments.Pooling.Summary => output.Tokens_NSW.select(1, 0),
        Experiments.Pooling.Last => Pooling.Last_NW(output.Tokens_NSW, output.Present_NS),
        _ => throw new ArgumentException($"No tower has a state that is '{kind}'."),
    };
}
