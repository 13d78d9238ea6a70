using System.Collections.Immutable;
using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Adapters as they were when they were merged into a backbone's weights: these follow from its folder and from them, so that no checkpoint needs the weights.</summary>
/// <param name="Before">The stage that began with the merge.</param>
/// <param name="Tensors">Under the parameters' names; its own copies.</param>
public sealed record MergedAdapters(StagePlan Before, ImmutableArray<NamedTensor> Tensors) : IDisposable
{
    /// <summary>Of all their values.</summary>
    public string Sha256 { get; } = HashOf(Tensors);

    /// <summary>For manifests.</summary>
    public AdapterMerge Record => new(Before.Spec.Name, Before.FirstStep - 1, Sha256);

    /// <summary>In a checkpoint's weights.</summary>
    public IEnumerable<NamedTensor> Saved => Tensors.Select(tensor => tensor with { Name = NameOf(Before, tensor.Name) });

    public static string NameOf(StagePlan before, string parameter) => $"{Prefix(before)}{parameter}";

    public static string Prefix(StagePlan before) => $"merged-before-{before.Spec.Name}.";

    public static MergedAdapters Copy(StagePlan before, IEnumerable<NamedTensor> live)
    {
        using var _ = no_grad();
        return new(before, [.. live.Select(tensor => tensor with { Tensor = tensor.Tensor.detach().cpu().clone().DetachFromDisposeScope() })]);
    }

    public void Dispose()
    {
        foreach (var tensor in Tensors)
            tensor.Tensor.Dispose();
    }

    private static string HashOf(ImmutableArray<NamedTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
            hash.AppendData(tensor.Tensor.bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
