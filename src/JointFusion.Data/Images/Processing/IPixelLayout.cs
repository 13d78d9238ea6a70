namespace JointFusion.Data;

/// <summary>The order in which a model takes the pixels.</summary>
internal interface IPixelLayout
{
    ProcessedImage Arrange(RgbPicture picture);
}
