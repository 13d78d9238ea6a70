namespace JointFusion.Experiments;

/// <summary>What must hold for a spec's retriever over a published model: asked of its config.json, which is small; the rest of its folder is planning's.</summary>
internal static class BackboneRules
{
    private const string Key = "retriever.backbone";

    /// <summary>Of the spec's backbone; null where there is none, or none that can be read.</summary>
    public static BackboneConfig? Config(RetrieverSpec retriever)
    {
        try
        {
            return retriever.Backbone is { } folder ? BackboneConfig.Read(folder) : null;
        }
        catch (BackboneConfigException)
        {
            return null;
        }
    }

    public static IEnumerable<BrokenRule> Broken(ExperimentSpec spec)
    {
        var retriever = spec.Retriever;
        if (retriever is { Preset: null, Backbone: null })
            yield return new($"missing; one of {string.Join(", ", Enum.GetNames<Preset>().Select(SpecKeys.Name))} is required, or {Key} with the folder of a published model", "retriever.preset", Key);
        if (retriever is { Preset: not null, Backbone: not null })
            yield return new("the spec has a retriever.preset too, which is trained from scratch; leave one of them out", Key, "retriever.preset");
        if (retriever.Backbone is not { } folder)
            yield break;
        if (Fault(folder) is { } fault)
        {
            yield return new(fault, Key);
            yield break;
        }
        var config = BackboneConfig.Read(folder);
        foreach (var broken in OfModel(spec, config.Describe()).Concat(AdapterRules.Broken(spec, config)))
            yield return broken;
    }

    private static string? Fault(string folder)
    {
        if (!Directory.Exists(folder))
            return $"the folder {folder} does not exist; a relative one is taken from the spec's folder";
        try
        {
            BackboneConfig.Read(folder).Describe();
            return null;
        }
        catch (Exception unusable) when (unusable is BackboneConfigException or ArgumentException)
        {
            return unusable is BackboneConfigException ? unusable.Message : $"{Path.Combine(folder, "config.json")}: {unusable.Message}";
        }
    }

    private static IEnumerable<BrokenRule> OfModel(ExperimentSpec spec, BackboneShape model)
    {
        var retriever = spec.Retriever;
        if (retriever.Fusion == Fusion.Isolated)
            yield return new($"isolated is for retrievers that are trained from scratch; {(model.IsDual ? $"a {model.Model} has two towers: score or feature" : "over a backbone score is just that: each part through the one model by itself, embeddings summed")}", "retriever.fusion", Key);
        if (model.IsDual && retriever.Fusion == Fusion.Early)
            yield return new($"a {model.Model} has two towers, which meet in no sequence; score or feature", "retriever.fusion", Key);
        if (model.Vision is null && retriever.Fusion is Fusion.Score or Fusion.Feature)
            yield return new($"a {model.Model} takes texts alone, so that nothing is fused; early", "retriever.fusion", Key);
        for (var i = 0; model.Vision is null && i < spec.Stages.Length; i++)
            if (spec.Stages[i].Tasks.Any(task => task != 1))
                yield return new($"a {model.Model} takes texts alone; task 1 (t->t) is the one without pictures", $"stages[{i}].tasks", Key);
        foreach (var broken in Sequence(retriever, model).Concat(Sizes(retriever, model)).Concat(Tower(retriever)))
            yield return broken;
    }

    private static IEnumerable<BrokenRule> Sequence(RetrieverSpec retriever, BackboneShape model)
    {
        if (model.IsDual)
            yield break;
        const string path = "retriever.prompt";
        if (retriever.Prompt is not { } prompt)
        {
            yield return new($"missing; a {model.Model} needs what stands around texts and pictures, such as {{ text: \"{{text}}<end>\", image: \"{{image}}<end>\", both: \"{{image}}{{text}}<end>\" }}", path, Key);
            yield break;
        }
        foreach (var (name, template, text, image) in ((string, string?, int, int)[])[("text", prompt.Text, 1, 0), ("image", prompt.Image, 0, 1), ("both", prompt.Both, 1, 1)])
        {
            if (template is null)
            {
                if (model.Vision is not null)
                    yield return new($"missing; the prompt of {(text > 0 ? "both" : "a picture alone")} is required", $"{path}.{name}", path);
                continue;
            }
            if (Occurrences(template, "{text}") != text || Occurrences(template, "{image}") != image)
                yield return new($"\"{template}\" needs {(text > 0 ? "{text} once" : "no {text}")} and {(image > 0 ? "{image} once" : "no {image}")}", $"{path}.{name}", path);
            else if (retriever is { Pooling: Pooling.Token, PoolingToken: { } token } && !template.Contains(token, StringComparison.Ordinal))
                yield return new($"\"{template}\" has no {token}, whose state is the embedding", $"{path}.{name}", path, "retriever.pooling_token");
        }
        if (retriever is { Pooling: Pooling.Token, PoolingToken: null })
            yield return new("missing; retriever.pooling token needs the token's name", "retriever.pooling_token", "retriever.pooling");
    }

    private static int Occurrences(string template, string slot) => template.Split(slot).Length - 1;

    private static IEnumerable<BrokenRule> Sizes(RetrieverSpec retriever, BackboneShape model)
    {
        if (retriever.MaxTextTokens is { } tokens && (tokens < 1 || tokens > (model.Places ?? int.MaxValue)))
            yield return new($"{tokens} is not allowed; at least 1{(model.Places is { } places ? $", and at most {places}, the places of this model's text tower" : "")}", "retriever.max_text_tokens", Key);
        var least = model.PatchSize * model.Merge * model.PatchSize * model.Merge;
        if (model.Patches is null && retriever.MaxPixels is { } pixels && pixels < least)
            yield return new($"{pixels} is not allowed; at least {least}, one position of this model", "retriever.max_pixels", Key);
    }

    private static IEnumerable<BrokenRule> Tower(RetrieverSpec retriever)
    {
        const string path = "retriever.fusion_tower";
        if (retriever is { Fusion: Fusion.Feature, FusionTower: null })
            yield return new("missing; fusion feature over a backbone needs a transformer of its own, such as { layers: 2, width: 512, heads: 8, mlp_width: 2048 }", path, "retriever.fusion", Key);
        if (retriever.FusionTower is not { } tower)
            yield break;
        foreach (var (name, value) in ((string, int)[])[("layers", tower.Layers), ("width", tower.Width), ("heads", tower.Heads), ("mlp_width", tower.MlpWidth)])
            if (value < 1)
                yield return new($"{value} is not allowed; at least 1", $"{path}.{name}", path);
        if (tower is { Heads: > 0 } && tower.Width % tower.Heads != 0)
            yield return new($"{tower.Width} is not a multiple of the {tower.Heads} heads", $"{path}.width", path);
    }
}
