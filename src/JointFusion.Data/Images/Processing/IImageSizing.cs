namespace JointFusion.Data;

/// <summary>The rule by which a processor resizes.</summary>
internal interface IImageSizing
{
    /// <exception cref="PictureShapeException">The model takes no picture of this shape.</exception>
    ResizeGoal Of(int width, int height);
}
