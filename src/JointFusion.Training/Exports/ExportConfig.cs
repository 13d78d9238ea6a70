using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>config.json of an exported retriever: what its weights and vocabulary need to be used, and where they come from. Written last.</summary>
public sealed record ExportConfig
{
    /// <summary>What this version writes, and all it reads.</summary>
    public const int CurrentSchema = 1;

    private static readonly JsonSerializerOptions Strict = new(JointFusionJson.File)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }

    public required string Run { get; init; }

    /// <summary>Steps done, counted over the whole run.</summary>
    public required int Step { get; init; }

    /// <summary>Name of the stage of that step.</summary>
    public required string Stage { get; init; }

    /// <summary>Null in exports of older versions; so is <see cref="Stages"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Seed { get; init; }

    /// <summary>Those that were trained up to the step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<TrainedStage>? Stages { get; init; }

    public required string ScienceHash { get; init; }
    public required string PlanHash { get; init; }

    /// <summary>Chained hash of the ids of every global batch it was trained on.</summary>
    public required string Ledger { get; init; }

    /// <summary>Widths at which the beginning of an embedding, normalised again, was trained too, by the last stage; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<int>? Matryoshka { get; init; }

    public required ExportedData Data { get; init; }

    /// <summary>Shape, pixel scale and text length: with the files beside, all that embedding an item needs.</summary>
    public required RetrieverPlan Retriever { get; init; }

    /// <summary>The files beside.</summary>
    public required ImmutableArray<CheckpointFile> Files { get; init; }

    /// <exception cref="CheckpointException">The file is missing, is no such config, or is of another schema.</exception>
    internal static ExportConfig Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.GetProperty("schema").GetInt32() is var schema && schema != CurrentSchema)
                throw new CheckpointException(path, $"has schema {schema}; this version reads {CurrentSchema}. Export the checkpoint with this version.");
            var config = document.Deserialize<ExportConfig>(Strict) ?? throw new JsonException("it holds null");
            return config.Files.IsDefault ? throw new JsonException("it lists no files") : config;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(path, $"is not the config of an exported retriever: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message} Give a folder that 'jf checkpoint export' wrote.", e);
        }
    }
}

/// <summary>What a retriever was trained on.</summary>
/// <param name="Name">Of the data set's manifest, or of its folder.</param>
/// <param name="ManifestHash">Identity of the data.</param>
/// <param name="ImageSize">Pixels a side that pictures are resized to.</param>
public sealed record ExportedData(string Name, string ManifestHash, int ImageSize);
