using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Pixels of a patch -> one position of a tower, with a learned place.</summary>
/// <remarks>One product for all groups.</remarks>
public sealed class PatchEmbedding : Module<IReadOnlyList<ModalityGroup>, IReadOnlyList<TokenSequence?>>
{
    private readonly Linear project;
    private readonly Parameter places_PW;
    private readonly Precision precision;

    public PatchEmbedding(int patchSize, int patchesPerImage, int width, Precision precision) : base(nameof(PatchEmbedding))
    {
        this.precision = precision;
        project = Linear(3 * patchSize * patchSize, width);
        places_PW = Parameter(zeros(patchesPerImage, width));
        RegisterComponents();
    }

    /// <returns>By group; null where it has no pictures.</returns>
    public override IReadOnlyList<TokenSequence?> forward(IReadOnlyList<ModalityGroup> groups) => Packing.Together(
        [.. groups.Select(group => group.Patches_NPX)],
        pixels_RX => project.Call(pixels_RX, precision),
        (group, projected_NPW) => new TokenSequence(projected_NPW.Plus(places_PW.narrow(0, 0, projected_NPW.size(1))), null));
}
