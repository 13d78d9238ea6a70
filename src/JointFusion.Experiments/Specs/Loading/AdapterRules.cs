namespace JointFusion.Experiments;

/// <summary>What must hold for the adapters of a spec, given the projections of its backbone.</summary>
internal static class AdapterRules
{
    public static IEnumerable<BrokenRule> Broken(ExperimentSpec spec, BackboneConfig backbone)
    {
        string[] layers = [.. backbone.Tensors().Where(tensor => tensor.IsProjection).Select(tensor => tensor.Layer)];
        const string ofAll = "retriever.lora";
        var broken = Broken(spec.Retriever.Lora, ofAll, layers).ToList();
        var begins = spec.Retriever.Lora is not null || (!spec.Stages.IsEmpty && spec.Stages[0].Lora is not null);
        for (var i = 0; i < spec.Stages.Length; i++)
        {
            broken.AddRange(Broken(spec.Stages[i].Lora, $"stages[{i}].lora", layers));
            if (i > 0 && !begins && spec.Stages[i].Lora is not null)
                broken.Add(new("the stages before train all weights, which checkpoints would have to keep beside the adapters; begin with adapters: retriever.lora or stages[0].lora", $"stages[{i}].lora", "stages[0].lora", ofAll));
        }
        return broken;
    }

    private static IEnumerable<BrokenRule> Broken(LowRankAdapters? adapters, string at, string[] layers)
    {
        if (adapters is null)
            yield break;
        if (adapters.Rank < 1)
            yield return new($"{adapters.Rank} is not allowed; at least 1", $"{at}.rank", at);
        if (adapters.Alpha <= 0)
            yield return new($"{adapters.Alpha} is not allowed; a number above 0", $"{at}.alpha", at);
        if (adapters.Targets.IsEmpty)
            yield return new("an empty list adapts nothing", $"{at}.targets", at);
        for (var i = 0; i < adapters.Targets.Length; i++)
        {
            var target = adapters.Targets[i];
            if (!layers.Any(layer => LowRankAdapters.Selects(target, layer)))
                yield return new($"'{target}' is no projection of this model; {Spelling.Allowed(target, Ends(layers))}, whole names, and patterns with *", $"{at}.targets[{i}]", at);
        }
    }

    private static string[] Ends(string[] layers) =>
        [.. layers.Select(layer => layer[(layer.LastIndexOf('.') + 1)..]).Distinct().Order(StringComparer.Ordinal)];
}
