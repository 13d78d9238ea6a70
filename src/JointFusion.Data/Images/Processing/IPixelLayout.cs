namespace JointFusion.Data;

/// <summary>The order in which a model takes the pixels.</summary>
internal interface IPixelLayout
{
    /// <summary>For a picture whose rows come one by one.</summary>
    IPixelTarget Begin(int width, int height);
}
