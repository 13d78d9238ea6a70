using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>How a worker process is started. <c>--socket PATH</c> is added to its arguments; it is to call <see cref="WorkerProcess.Run"/>.</summary>
/// <param name="Environment">Added to the agent's own.</param>
public sealed record WorkerLaunch(string FileName, ImmutableArray<string> Arguments, ImmutableDictionary<string, string> Environment);
