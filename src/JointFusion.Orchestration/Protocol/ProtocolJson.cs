using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>How the types of <see cref="ProtocolTypes"/> are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SubmitRun))]
[JsonSerializable(typeof(SubmitSweep))]
[JsonSerializable(typeof(StopRuns))]
[JsonSerializable(typeof(CancelRuns))]
[JsonSerializable(typeof(ResumeRuns))]
[JsonSerializable(typeof(PrioritiseRuns))]
[JsonSerializable(typeof(DrainNode))]
[JsonSerializable(typeof(UndrainNode))]
[JsonSerializable(typeof(ReleaseSlot))]
[JsonSerializable(typeof(CommandDone))]
[JsonSerializable(typeof(GetSnapshot))]
[JsonSerializable(typeof(CoordinatorAway))]
[JsonSerializable(typeof(ClusterSnapshot))]
[JsonSerializable(typeof(NodeReport))]
[JsonSerializable(typeof(StepReport))]
[JsonSerializable(typeof(NodeOrders))]
[JsonSerializable(typeof(TermBegun))]
[JsonSerializable(typeof(RunSubmitted))]
[JsonSerializable(typeof(RunRebuilt))]
[JsonSerializable(typeof(RunRevised))]
[JsonSerializable(typeof(RunPrioritised))]
[JsonSerializable(typeof(AttemptStarted))]
[JsonSerializable(typeof(AttemptPlaced))]
[JsonSerializable(typeof(StageEntered))]
[JsonSerializable(typeof(EvaluationEntered))]
[JsonSerializable(typeof(CheckpointTaken))]
[JsonSerializable(typeof(AttemptFailed))]
[JsonSerializable(typeof(AttemptBroken))]
[JsonSerializable(typeof(RankEnded))]
[JsonSerializable(typeof(StopRequested))]
[JsonSerializable(typeof(RunStopped))]
[JsonSerializable(typeof(RunResumed))]
[JsonSerializable(typeof(SweepSubmitted))]
[JsonSerializable(typeof(RungReached))]
[JsonSerializable(typeof(RunPromoted))]
[JsonSerializable(typeof(RunPruned))]
[JsonSerializable(typeof(RunSucceeded))]
[JsonSerializable(typeof(RunFailed))]
[JsonSerializable(typeof(NodeDraining))]
[JsonSerializable(typeof(NodeUndrained))]
[JsonSerializable(typeof(SlotQuarantined))]
[JsonSerializable(typeof(SlotReleased))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
