namespace JointFusion.Data;

/// <summary>The pictures of a concept: two styles drawn for 20 pixels, the same drawn anew for a larger size, and a coloured one.</summary>
internal enum IconView { Outline, Solid, OutlineLarge, SolidLarge, Color }

internal static class IconViews
{
    public static IconView Other(this IconView view) => view == IconView.Outline ? IconView.Solid : IconView.Outline;

    public static IconView Large(this IconView view) => view == IconView.Outline ? IconView.OutlineLarge : IconView.SolidLarge;

    /// <summary>In captions.</summary>
    public static string Word(this IconView view) => view == IconView.Outline ? "outline" : "solid";
}
