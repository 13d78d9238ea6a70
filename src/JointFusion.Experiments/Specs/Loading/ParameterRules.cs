namespace JointFusion.Experiments;

/// <summary>What must hold for a stage's rules for parameters by themselves; whether they fit a parameter is planning's.</summary>
internal static class ParameterRules
{
    public static IEnumerable<BrokenRule> Broken(StageSpec stage, string at)
    {
        if (stage.LayerDecay is <= 0 or >= 1)
            yield return new($"{stage.LayerDecay} is not allowed; above 0 and below 1, each layer's rate over the next one's", $"{at}.layer_decay");
        var rules = stage.Parameters ?? [];
        if (stage.Parameters is { IsEmpty: true })
            yield return new("an empty list; leave the key out", $"{at}.parameters");
        for (var i = 0; i < rules.Length; i++)
            foreach (var broken in Broken(rules[i], i == rules.Length - 1, $"{at}.parameters[{i}]"))
                yield return broken;
    }

    /// <param name="isLast">Before others, a rule of a pattern alone keeps names from them.</param>
    private static IEnumerable<BrokenRule> Broken(ParameterRule rule, bool isLast, string at)
    {
        const string withFrozen = "it has no effect with frozen; leave it out";
        if (rule.Match.Length == 0)
            yield return new("an empty text fits no name; * stands for any characters", $"{at}.match");
        if (rule is { Rate: null, WeightDecay: null, Frozen: false } && isLast)
            yield return new("it changes nothing; give it a rate, a weight_decay or frozen: true", at);
        if (rule.Rate is <= 0)
            yield return new($"{rule.Rate} is not allowed; a number above 0, times the stage's rate; frozen: true keeps parameters as they are", $"{at}.rate");
        if (rule.WeightDecay is < 0)
            yield return new($"{rule.WeightDecay} is not allowed; at least 0", $"{at}.weight_decay");
        if (rule is { Frozen: true, Rate: not null })
            yield return new(withFrozen, $"{at}.rate", $"{at}.frozen");
        if (rule is { Frozen: true, WeightDecay: not null })
            yield return new(withFrozen, $"{at}.weight_decay", $"{at}.frozen");
    }
}
