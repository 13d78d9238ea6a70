namespace JointFusion.Data;

/// <summary>What a picture is resized to, in pixels, and which part of that is kept.</summary>
internal readonly record struct ResizeGoal(int Width, int Height, int Left, int Top, int KeptWidth, int KeptHeight)
{
    public static ResizeGoal Whole(int width, int height) => new(width, height, 0, 0, width, height);
}
