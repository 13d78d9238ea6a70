namespace JointFusion.Data;

/// <summary>A model takes no picture of this shape. The message says why.</summary>
internal sealed class PictureShapeException(string message) : Exception(message);
