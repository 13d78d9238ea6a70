namespace JointFusion.Data;

/// <summary>One drawing of the package.</summary>
/// <param name="Name">In Pascal case, such as <c>CalendarAdd</c>.</param>
/// <param name="Size">Pixels a side it was drawn for; also its view box.</param>
/// <param name="Svg">The elements within the svg element.</param>
internal sealed record IconDrawing(string Name, IconStyle Style, int Size, string Svg);

/// <summary>The styles in use. The package's fourth, Light, has too few drawings.</summary>
internal enum IconStyle { Regular, Filled, Color }
