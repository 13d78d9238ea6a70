using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>When each node was last heard, and those that are gone: a map that only had what is there would not show what is missing. Not thread-safe: its board guards it.</summary>
internal sealed class NodeMemory
{
    /// <summary>That a node which is gone is still shown.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(30);

    private readonly SortedDictionary<string, LiveNode> known = new(StringComparer.Ordinal);

    /// <param name="nodes">That are there.</param>
    /// <returns>By name, those that are gone among them.</returns>
    public ImmutableArray<LiveNode> Look(ImmutableArray<LiveNode> nodes, DateTimeOffset now)
    {
        var there = nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var (name, before) in known.ToList())
        {
            if (there.ContainsKey(name))
                continue;
            if (now - (before.HeardAt ?? now) > Remembered)
                known.Remove(name);
            else
                known[name] = before with { IsLost = true };
        }
        foreach (var node in nodes)
        {
            var before = known.GetValueOrDefault(node.Name);
            var isHeard = before is null or { IsLost: true } or { HeardAt: null } || before.Vitals != node.Vitals || !before.Workers.SequenceEqual(node.Workers);
            known[node.Name] = node with { HeardAt = isHeard ? now : before!.HeardAt };
        }
        return [.. known.Values];
    }
}
