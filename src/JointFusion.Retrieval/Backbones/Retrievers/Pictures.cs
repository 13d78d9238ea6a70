using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Pictures of one size, each shown in a sequence of its own.</summary>
/// <param name="Patches_NPX">Normalised, patches row by row.</param>
/// <param name="Columns">Patches in a row.</param>
/// <param name="FirstSequence">The first one's; the others' come after it.</param>
internal sealed record Pictures(Tensor Patches_NPX, int Columns, int FirstSequence)
{
    public int Count => (int)Patches_NPX.size(0);

    /// <summary>By their numbers.</summary>
    public IEnumerable<int> Sequences => Enumerable.Range(FirstSequence, Count);
}
