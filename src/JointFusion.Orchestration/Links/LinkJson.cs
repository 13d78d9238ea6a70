using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>The link's closed set of messages. Reads no type that is not named here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    AllowOutOfOrderMetadataProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentMessage))]
[JsonSerializable(typeof(WorkerMessage))]
[JsonSerializable(typeof(QueryMessage))]
[JsonSerializable(typeof(QueryReply))]
internal sealed partial class LinkJson : JsonSerializerContext;
