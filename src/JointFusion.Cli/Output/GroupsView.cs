using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>The parameters that a stage trains alike, a line a group.</summary>
internal static class GroupsView
{
    /// <summary>Each distinct group once, with the runs that have it unless all do.</summary>
    public static Table Of(ImmutableArray<RunPlan> runs, RunLabels labels)
    {
        var table = PlanView.Table("Stage", "Rate", "Weight decay", "Tensors", "Parameters", "Such as", "Runs");
        foreach (var number in table.Columns.Skip(1).Take(4))
            number.RightAligned();
        var groups =
            from run in runs
            from stage in run.Stages
            from @group in stage.Groups ?? []
            group run.Run by (stage.Index, stage.Spec.Name, Group: @group);
        foreach (var same in groups.OrderBy(same => same.Key.Index))
        {
            var one = same.Key.Group;
            table.AddRow(
                PlanView.Cell(same.Key.Name),
                PlanView.Cell(one.Frozen ? "frozen" : Text($"x{one.Rate:0.####}")),
                PlanView.Cell(one.Frozen ? "-" : Text($"{one.WeightDecay}")),
                PlanView.Cell($"{one.Tensors:N0}"),
                PlanView.Cell($"{one.Scalars:N0}"),
                PlanView.Cell(one.First),
                PlanView.Cell(labels.Of([.. same])));
        }

        return table;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
