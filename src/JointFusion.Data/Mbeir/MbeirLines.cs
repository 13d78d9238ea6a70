using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Data;

/// <summary>A line of a candidate pool, as it stands in the file.</summary>
internal sealed record CandidateLine
{
    public string? Txt { get; init; }
    public string? ImgPath { get; init; }
    public string? Modality { get; init; }
    public string? Did { get; init; }

    [JsonConverter(typeof(TextOrJsonConverter))]
    public string? SrcContent { get; init; }
}

/// <summary>A line of a query file, as it stands in the file.</summary>
internal sealed record QueryLine
{
    public string? Qid { get; init; }
    public string? QueryTxt { get; init; }
    public string? QueryImgPath { get; init; }
    public string? QueryModality { get; init; }

    [JsonConverter(typeof(TextOrJsonConverter))]
    public string? QuerySrcContent { get; init; }

    [JsonConverter(typeof(DidListConverter))]
    public ImmutableArray<string> PosCandList { get; init; } = [];

    [JsonConverter(typeof(DidListConverter))]
    public ImmutableArray<string> NegCandList { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TaskId { get; init; }
}
