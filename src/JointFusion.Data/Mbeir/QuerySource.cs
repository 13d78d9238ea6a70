using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>What this project's own sets put into <c>query_src_content</c>.</summary>
internal sealed record QuerySource(string? Op, string? Concept, bool? TargetSeen)
{
    /// <summary>Null for other sets, whose source contents are free text.</summary>
    public static QuerySource? Parse(string? content)
    {
        if (content is null || !content.StartsWith('{')) return null;

        try
        {
            return JsonSerializer.Deserialize<QuerySource>(content, JointFusionJson.Line);
        }
        catch (JsonException)
        {
            // Free text that happens to start with a brace is legal there.
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, JointFusionJson.Line);
}
