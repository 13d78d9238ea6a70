using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace JointFusion.Dashboard;

/// <summary>How the API's records are written and read, on both sides, without reflection: a client is started for one answer.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(SnakeCaseStates)],
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ClusterInfo))]
[JsonSerializable(typeof(ExperimentInfo))]
[JsonSerializable(typeof(ImmutableArray<ExperimentInfo>))]
[JsonSerializable(typeof(RunInfo))]
[JsonSerializable(typeof(NamedRuns))]
[JsonSerializable(typeof(ImmutableArray<RunStatus>))]
[JsonSerializable(typeof(ImmutableArray<LiveNode>))]
[JsonSerializable(typeof(SweepInfo))]
[JsonSerializable(typeof(ImmutableArray<SweepInfo>))]
[JsonSerializable(typeof(RunMetrics))]
[JsonSerializable(typeof(PlaygroundQuestion))]
[JsonSerializable(typeof(PlaygroundAnswer))]
[JsonSerializable(typeof(RunSeries))]
[JsonSerializable(typeof(ImmutableArray<RunHappening>))]
[JsonSerializable(typeof(ImmutableArray<CheckpointInfo>))]
[JsonSerializable(typeof(RunLineage))]
[JsonSerializable(typeof(ApiProblem))]
public sealed partial class ApiJson : JsonSerializerContext;

internal sealed class SnakeCaseStates() : JsonStringEnumConverter<LiveRunState>(JsonNamingPolicy.SnakeCaseLower);
