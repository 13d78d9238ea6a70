using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>A byte-pair vocabulary; vocabulary.json beside the data.</summary>
/// <param name="Entries">By id: the 256 bytes first, then what the merges make.</param>
/// <param name="Merges">In order of precedence, each two entries joined by a space.</param>
internal sealed record Vocabulary(ImmutableArray<string> Entries, ImmutableArray<string> Merges)
{
    public const int MaximumSize = 4096;

    public static Vocabulary Parse(byte[] json) =>
        JsonSerializer.Deserialize<Vocabulary>(json, JointFusionJson.File) ?? throw new JsonException("null where a vocabulary is expected");

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JointFusionJson.File);
}
