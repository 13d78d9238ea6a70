using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Pixels of a patch -> one position of a tower, with a learned place.</summary>
public sealed class PatchEmbedding : Module<ModalityGroup, TokenSequence>
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

    /// <param name="group">With pictures.</param>
    public override TokenSequence forward(ModalityGroup group)
    {
        var patches_NPX = group.Patches_NPX ?? throw new ArgumentException("The group holds no pictures.", nameof(group));
        var places = places_PW.narrow(0, 0, patches_NPX.size(1));
        return new TokenSequence(project.Call(patches_NPX, precision).Plus(places), null);
    }
}
