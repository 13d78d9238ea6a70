namespace JointFusion.Data;

/// <param name="Size">Sides of its view box.</param>
/// <param name="Body">The elements within the svg element.</param>
internal sealed record SvgDrawing(int Size, string Body);
