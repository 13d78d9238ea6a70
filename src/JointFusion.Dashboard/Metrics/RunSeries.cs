using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Curves of a run, thinned to what a chart can show.</summary>
/// <param name="LastStep">That the run has metrics of; 0: none yet.</param>
/// <param name="Metrics">All that there are, as in metrics.jsonl; a member of an object by both names, such as <c>loss_by_task.0</c> or <c>seconds.forward</c>.</param>
/// <param name="Series">Of each metric that was asked for; of one that the run does not have, without points.</param>
public sealed record RunSeries(string Run, int LastStep, ImmutableArray<string> Metrics, ImmutableArray<MetricSeries> Series);

/// <summary>One curve: each point is a step as it was, none is a mean. Where there are more than can be shown, of each span of steps the first, the least, the greatest and the last are kept.</summary>
/// <param name="Steps">Ascending.</param>
/// <param name="Values">Of each of <paramref name="Steps"/>.</param>
public sealed record MetricSeries(string Metric, ImmutableArray<int> Steps, ImmutableArray<double> Values);
