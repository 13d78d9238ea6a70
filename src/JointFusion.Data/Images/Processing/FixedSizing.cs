namespace JointFusion.Data;

/// <summary>SigLIP's: every picture is squeezed into one size.</summary>
internal sealed class FixedSizing(int width, int height) : IImageSizing
{
    public ResizeGoal Of(int _, int __) => ResizeGoal.Whole(width, height);
}
