using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>manifest.json of a golden set: which inputs go into which argument, and how near each output has to come.</summary>
public sealed record GoldenManifest
{
    private static readonly JsonSerializerOptions Strict = new(JointFusionJson.Line)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Its name.</summary>
    public required string Set { get; init; }

    public required string ModelClass { get; init; }

    /// <summary>Of the library that computed the outputs.</summary>
    public required string TransformersVersion { get; init; }

    public required ImmutableArray<GoldenCase> Cases { get; init; }

    /// <exception cref="CheckpointException">It is missing or no such manifest.</exception>
    public static GoldenManifest Read(string path)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<GoldenManifest>(File.ReadAllBytes(path), Strict) ?? throw new JsonException("it holds null");
            return manifest.Cases.IsDefaultOrEmpty ? throw new JsonException("it lists no cases") : manifest;
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"is no manifest of golden outputs: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message} Give a folder with a checkpoint, inputs, outputs and their manifest.", e);
        }
    }
}
