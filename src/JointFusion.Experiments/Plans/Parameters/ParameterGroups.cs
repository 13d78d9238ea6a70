using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>From a stage's rules and the parameters' names to how each is trained: for plans, which have shapes alone, and for training alike.</summary>
public static class ParameterGroups
{
    /// <param name="parameters">In the module's order, which is that of its layers.</param>
    /// <returns>In that order.</returns>
    public static ImmutableArray<ParameterTraining> Of(StageSpec stage, IReadOnlyList<ParameterShape> parameters)
    {
        var rules = Rules(stage);
        var layers = stage.LayerDecay is { } decay ? LayerDepths.Of(parameters).Select(depth => Math.Pow(decay, depth)) : parameters.Select(_ => 1.0);
        return
        [
            .. parameters.Zip(layers, (parameter, ofLayer) =>
            {
                var rule = rules.FirstOrDefault(rule => rule.Pattern.Fits(parameter.Name)).Rule;
                return rule is { Frozen: true }
                    ? new ParameterTraining(parameter.Decays, Frozen: true)
                    : new ParameterTraining(parameter.Decays, (rule?.Rate ?? 1) * ofLayer, parameter.Decays ? rule?.WeightDecay : null);
            }),
        ];
    }

    /// <summary>Rules that no parameter is trained by, with the key below the stage's at which each stands.</summary>
    public static IEnumerable<(string Key, string Message)> Faults(StageSpec stage, IReadOnlyList<ParameterShape> parameters)
    {
        if (stage is { Parameters: null, LayerDecay: null })
            yield break;
        var rules = Rules(stage);
        var taker = parameters.Select(parameter => Array.FindIndex(rules, rule => rule.Pattern.Fits(parameter.Name))).ToArray();
        for (var i = 0; i < rules.Length; i++)
        {
            var (pattern, rule) = rules[i];
            var fitting = parameters.Where(parameter => pattern.Fits(parameter.Name)).ToList();
            if (fitting.Count == 0)
                yield return ($"parameters[{i}].match", $"no parameter is named like '{rule.Match}'; {ParameterNames.Nearest(rule.Match, parameters)}");
            else if (!taker.Contains(i))
                yield return ($"parameters[{i}].match", $"the rules above take all that it fits ({fitting.Count}, such as {fitting[0].Name}); the first that fits counts, so put the narrower one first");
            else if (rule.WeightDecay is not null && !parameters.Where((parameter, place) => taker[place] == i && parameter.Decays).Any())
                yield return ($"parameters[{i}].weight_decay", "it has no effect on biases, norms and scalars, which never decay; leave it out");
        }

        if (stage.LayerDecay is not null && LayerDepths.Of(parameters).All(depth => depth == 0))
            yield return ("layer_decay", "no parameter's name has a layer's number in it; leave it out");
        if (Of(stage, parameters).All(training => training.Frozen))
            yield return ("parameters", "every parameter is frozen, so that there is nothing to train");
    }

    private static (NamePattern Pattern, ParameterRule Rule)[] Rules(StageSpec stage) =>
        [.. (stage.Parameters ?? []).Select(rule => (new NamePattern(rule.Match), rule))];
}
