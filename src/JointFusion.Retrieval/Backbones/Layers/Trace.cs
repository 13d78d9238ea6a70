using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>What a backbone computes on its way, by the reference's names, for those who compare it: hidden states by layer, pooled states, logits.</summary>
public sealed class Trace
{
    private readonly Dictionary<string, Tensor> tensors;
    private readonly string prefix;

    public Trace() : this(new(StringComparer.Ordinal), "")
    {
    }

    private Trace(Dictionary<string, Tensor> tensors, string prefix) => (this.tensors, this.prefix) = (tensors, prefix);

    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    internal void Add(string name, Tensor tensor) => tensors.Add(prefix + name, tensor);

    /// <summary>The same trace, for a part whose names begin with <c>part.</c></summary>
    internal Trace Within(string part) => new(tensors, $"{prefix}{part}.");
}
