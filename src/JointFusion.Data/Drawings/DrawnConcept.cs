using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>What is held out or not as a whole: one name with all its pictures and texts.</summary>
/// <param name="Name">Unique in its set.</param>
/// <param name="Words">In lower case, as captions have them.</param>
internal abstract record DrawnConcept(string Name, ImmutableArray<string> Words)
{
    public string Text { get; } = string.Join(' ', Words);

    /// <summary>By their paths in the set.</summary>
    public abstract IEnumerable<(string Path, DrawnPicture Picture)> Files { get; }
}

/// <param name="Png">The file's bytes.</param>
/// <param name="PixelHash">Of the decoded RGB: equal drawings have equal hashes whatever their file.</param>
internal sealed record DrawnPicture(byte[] Png, string PixelHash);
