using System.Collections.Immutable;
using YamlDotNet.Core;

namespace JointFusion.Experiments;

/// <summary>Reads task groups from YAML, every fault of the file at once.</summary>
public static class TaskGroupsLoader
{
    /// <summary>As experiments/task-groups.yaml has them.</summary>
    public static TaskGroups Default { get; } = Parse(Text(), TaskGroups.FileName);

    /// <exception cref="InvalidDataException">Lists the faults, a line each.</exception>
    public static TaskGroups Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path}: cannot be read: {refused.Message}", refused);
        }
    }

    /// <param name="fileName">For messages alone.</param>
    /// <inheritdoc cref="Load"/>
    public static TaskGroups Parse(string text, string fileName)
    {
        var binder = new SpecBinder(fileName);
        TaskGroups groups;
        try
        {
            groups = binder.Bind<TaskGroups>(SpecTree.Parse(text));
        }
        catch (YamlException wrong)
        {
            throw new InvalidDataException($"{fileName}:{wrong.Start.Line}:{wrong.Start.Column}: not readable as YAML: {wrong.Message}", wrong);
        }

        ImmutableArray<SpecFault> faults = [.. binder.Faults, .. Broken(groups).Where(rule => !rule.Keys.Any(binder.IsFaulty)).Select(rule => binder.FaultAt(rule.Keys[0], rule.Keys[0], rule.Message))];
        return faults.IsEmpty ? groups : throw new InvalidDataException(string.Join(Environment.NewLine, faults.OrderBy(fault => fault.Line)));
    }

    private static IEnumerable<BrokenRule> Broken(TaskGroups groups)
    {
        if (groups.Margin is <= 0 or >= 1)
            yield return new($"{groups.Margin} is not allowed; between 0 and 1, such as 0.03 for three points of recall", "margin");
        foreach (var rule in Lists(groups.Groups, "groups").Concat(Lists(groups.Paper, "paper")))
            yield return rule;
    }

    private static IEnumerable<BrokenRule> Lists(ImmutableArray<TaskGroup> groups, string at)
    {
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups.Take(i).Any(other => other.Name == groups[i].Name))
                yield return new($"'{groups[i].Name}' is the name of another group too", $"{at}[{i}].name");
            for (var row = 0; row < groups[i].Rows.Length; row++)
                if (!KnownTasks.All.ContainsKey(groups[i].Rows[row].Task))
                    yield return new($"{groups[i].Rows[row].Task} is not a task; allowed are {KnownTasks.Allowed}", $"{at}[{i}].rows[{row}].task");
        }
    }

    private static string Text()
    {
        using var stream = typeof(TaskGroups).Assembly.GetManifestResourceStream(TaskGroups.FileName)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
