using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Which rows of results a study's claims are about; see experiments/task-groups.yaml.</summary>
public sealed record TaskGroups
{
    /// <summary>Name of the file, beside a spec and in an experiment's folder.</summary>
    public const string FileName = "task-groups.yaml";

    /// <summary>Of recall: differences that are shown to be smaller, either way, count as none.</summary>
    public required double Margin { get; init; }

    /// <summary>A row belongs to the first that names it.</summary>
    public required ImmutableArray<TaskGroup> Groups { get; init; }

    /// <summary>Another grouping of the same rows, that makes no claim. Default: none.</summary>
    public ImmutableArray<TaskGroup> Paper { get; init; } = [];

    /// <summary>Null: the row is in no group, and in no figure of the study.</summary>
    public TaskGroup? Of(int task, string operation) => Groups.FirstOrDefault(group => group.Has(task, operation));
}

public sealed record TaskGroup
{
    public required string Name { get; init; }

    /// <summary>Default control: none.</summary>
    public GroupClaim Claim { get; init; }

    public required ImmutableArray<GroupRows> Rows { get; init; }

    public bool Has(int task, string operation) =>
        Rows.Any(rows => rows.Task == task && (rows.Operations is not { } operations || operations.Contains(operation)));
}

/// <summary>What is said of early against late fusion on a group's rows.</summary>
public enum GroupClaim { Control, FusionHelps, NoDifference }

public sealed record GroupRows
{
    public required int Task { get; init; }

    /// <summary>Default: all of the task.</summary>
    public ImmutableArray<string>? Operations { get; init; }
}
