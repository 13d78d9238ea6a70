using System.Text.Json.Serialization;

namespace JointFusion.Data;

/// <summary>A line of a pair file: what asks, and what answers it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PairLine
{
    public PairItem? Query { get; init; }

    public PairItem? Target { get; init; }
}

/// <summary>A text, a picture, or both.</summary>
/// <param name="Image">Relative to the folder of the pair files, with forward slashes.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PairItem(string? Text, string? Image)
{
    /// <summary>Null where there is neither.</summary>
    public Modality? Modality => (string.IsNullOrWhiteSpace(Text), string.IsNullOrEmpty(Image)) switch
    {
        (false, false) => Data.Modality.ImageText,
        (false, true) => Data.Modality.Text,
        (true, false) => Data.Modality.Image,
        _ => null,
    };
}
