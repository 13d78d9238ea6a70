namespace JointFusion.Experiments;

/// <summary>What a pattern that fits no parameter may have meant.</summary>
internal static class ParameterNames
{
    private const int Most = 3;

    /// <summary><c>did you mean '*.imageTower.*'?</c>, or how names begin where nothing is near.</summary>
    public static string Nearest(string pattern, IReadOnlyList<ParameterShape> parameters)
    {
        var near = Spelling.NearestFew(pattern, parameters.SelectMany(parameter => Patterns(parameter.Name)).Distinct(StringComparer.Ordinal), Most);
        if (near.Count > 0)
            return $"did you mean '{string.Join("', '", near)}'?";
        return $"names are such as {string.Join(", ", parameters.Where((_, place) => place % Math.Max(1, parameters.Count / Most) == 0).Take(Most).Select(parameter => parameter.Name))}; * stands for any characters";
    }

    /// <summary>The name, and what fits it: everything below one of its segments, or all that end as it does.</summary>
    private static IEnumerable<string> Patterns(string name)
    {
        yield return name;
        var segments = name.Split('.');
        for (var i = 1; i < segments.Length; i++)
        {
            yield return $"{string.Join('.', segments[..i])}.*";
            yield return $"*.{string.Join('.', segments[i..])}";
            if (i < segments.Length - 1)
                yield return $"*.{segments[i]}.*";
        }
    }
}
