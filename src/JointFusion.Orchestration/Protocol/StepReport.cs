using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Agent to coordinator: one step's metrics. May be lost.</summary>
public sealed record StepReport(StepMetrics Metrics) : ClusterCommand, IProtocolMessage;
