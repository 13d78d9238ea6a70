namespace JointFusion.Experiments;

/// <summary>What is allowed, and which of it was probably meant.</summary>
internal static class Spelling
{
    /// <summary><c>allowed are a, b, c; did you mean 'b'?</c></summary>
    public static string Allowed(string written, IReadOnlyCollection<string> allowed)
    {
        var list = $"allowed are {string.Join(", ", allowed)}";
        return Nearest(written, allowed) is { } nearest ? $"{list}; did you mean '{nearest}'?" : list;
    }

    /// <summary>The allowed name with the fewest edits from what was written; null if that would change more than half of it.</summary>
    public static string? Nearest(string written, IEnumerable<string> allowed)
    {
        var (nearest, edits) = allowed
            .Select(name => (Name: name, Edits: Edits(written.ToLowerInvariant(), name)))
            .DefaultIfEmpty((Name: "", Edits: int.MaxValue))
            .MinBy(candidate => candidate.Edits);
        return 2 * edits <= Math.Max(written.Length, nearest.Length) ? nearest : null;
    }

    /// <summary>The nearest few, whatever their case and underscores; none that would change more than a third of what was written.</summary>
    public static IReadOnlyList<string> NearestFew(string written, IEnumerable<string> allowed, int most)
    {
        var plain = Plain(written);
        return
        [
            .. allowed.Select(name => (Name: name, Edits: Edits(plain, Plain(name))))
                .Where(candidate => 3 * candidate.Edits <= plain.Length)
                .OrderBy(candidate => candidate.Edits)
                .Take(most)
                .Select(candidate => candidate.Name),
        ];

        static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
    }

    /// <summary>Levenshtein distance: insertions, deletions and substitutions.</summary>
    private static int Edits(string from, string to)
    {
        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substitution = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[to.Length];
    }
}
