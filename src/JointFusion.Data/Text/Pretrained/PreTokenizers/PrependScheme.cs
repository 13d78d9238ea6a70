namespace JointFusion.Data;

/// <summary>Which pieces get the sign of a space before them where they have none.</summary>
internal enum PrependScheme
{
    Always,

    /// <summary>The one that the text begins with.</summary>
    First,
    Never,
}
