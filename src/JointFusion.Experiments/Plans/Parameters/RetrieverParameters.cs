using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>The parameters of a retriever by name, in the order of its modules, known before a tensor exists. A numerics test pins them to the modules.</summary>
public static class RetrieverParameters
{
    public const string Temperature = "logTemperature";

    /// <param name="hasLogitBias">Whether a stage has a loss with one.</param>
    public static ImmutableArray<ParameterShape> Of(RetrieverShape shape, bool hasLogitBias) =>
    [
        new(Temperature, []),
        .. hasLogitBias ? [new ParameterShape("logitBias", [])] : Array.Empty<ParameterShape>(),
        .. (shape.Fusion.HasOneTower() ? Early(shape, shape.Joint!) : Late(shape, shape.ImageTower!, shape.TextTower!))
            .Select(parameter => parameter with { Name = $"encoder.{parameter.Name}" }),
    ];

    /// <summary>What a stage over a published model may train: adapters, or the model's own parameters but for those that no embedding needs.</summary>
    /// <param name="adapters">Null: the model's own are trained.</param>
    /// <param name="tensors">Of the model.</param>
    public static ImmutableArray<ParameterShape> Of(RetrieverShape shape, bool hasLogitBias, LowRankAdapters? adapters, IReadOnlyList<BackboneTensor> tensors)
    {
        var prefix = shape.Fusion == Fusion.Early ? "encoder.backbone" : "encoder.towers.backbone";
        var own = adapters is null
            ? tensors.Where(tensor => tensor.Part == TensorPart.Body || (tensor.Part == TensorPart.Head && shape.Fusion != Fusion.Feature)).Select(tensor => new ParameterShape($"{prefix}.{tensor.Name}", tensor.Shape))
            : tensors.Where(tensor => tensor.IsProjection && adapters.Selects(tensor.Layer)).SelectMany(tensor => Adapter($"{prefix}.{tensor.Layer}", tensor.Shape, adapters.Rank));
        var model = shape.Backbone!;
        return
        [
            new(Temperature, []),
            .. hasLogitBias ? [new ParameterShape("logitBias", [])] : Array.Empty<ParameterShape>(),
            .. own,
            .. Weights(shape, "encoder.weights"),
            .. shape.FusionTower is { } fusion
                ? FeatureFusion(shape, model.ImageWidth, model.TextWidth, fusion).Select(parameter => parameter with { Name = $"encoder.{parameter.Name}" })
                : [],
        ];
    }

    private static IEnumerable<ParameterShape> Adapter(string layer, ImmutableArray<long> weight, int rank) =>
        [new($"{layer}.lora_A.weight", [rank, weight[1]]), new($"{layer}.lora_B.weight", [weight[0], rank])];

    private static IEnumerable<ParameterShape> Early(RetrieverShape shape, TransformerShape joint) =>
    [
        .. Patches(shape, joint),
        .. Text(shape, joint),
        .. Tower("tower", joint),
        new("project.weight", [shape.EmbeddingWidth, joint.Width]),
    ];

    private static IEnumerable<ParameterShape> Late(RetrieverShape shape, TransformerShape image, TransformerShape text) =>
    [
        .. Patches(shape, image),
        .. Tower("imageTower", image),
        .. Text(shape, text),
        .. Tower("textTower", text),
        .. (shape.Fusion == Fusion.Score ? ScoreFusion(shape, image, text)
            : shape.FusionTower is { } fusion ? FeatureFusion(shape, image.Width, text.Width, fusion)
            : PooledFusion(shape, image, text)),
    ];

    private static IEnumerable<ParameterShape> ScoreFusion(RetrieverShape shape, TransformerShape image, TransformerShape text) =>
    [
        new("fusion.projectImage.weight", [shape.EmbeddingWidth, image.Width]),
        new("fusion.projectText.weight", [shape.EmbeddingWidth, text.Width]),
        .. Weights(shape, "fusion.weights"),
    ];

    private static IEnumerable<ParameterShape> Weights(RetrieverShape shape, string name) =>
        shape.ModalityWeights == ModalityWeighting.Learned ? [new($"{name}.logImage", []), new($"{name}.logText", [])] : [];

    private static IEnumerable<ParameterShape> PooledFusion(RetrieverShape shape, TransformerShape image, TransformerShape text) =>
    [
        new("fusion.projectImage.weight", [shape.EmbeddingWidth, image.Width]),
        new("fusion.projectText.weight", [shape.EmbeddingWidth, text.Width]),
        .. Linear("fusion.both", image.Width + text.Width, shape.FeatureMixer == FeatureMixer.Mlp ? image.MlpWidth : shape.EmbeddingWidth),
        .. shape.FeatureMixer == FeatureMixer.Mlp ? [new ParameterShape("fusion.down.weight", [shape.EmbeddingWidth, image.MlpWidth])] : Array.Empty<ParameterShape>(),
    ];

    private static IEnumerable<ParameterShape> FeatureFusion(RetrieverShape shape, int imageWidth, int textWidth, TransformerShape fusion) =>
    [
        new("fusion.modalities_2W", [2, fusion.Width]),
        .. Linear("fusion.fromImage", imageWidth, fusion.Width),
        .. Linear("fusion.fromText", textWidth, fusion.Width),
        .. Tower("fusion.tower", fusion),
        new("fusion.project.weight", [shape.EmbeddingWidth, fusion.Width]),
    ];

    private static IEnumerable<ParameterShape> Patches(RetrieverShape shape, TransformerShape tower) =>
        [new("patches.places_PW", [shape.PatchesPerImage, tower.Width]), .. Linear("patches.project", 3 * shape.PatchSize * shape.PatchSize, tower.Width)];

    private static IEnumerable<ParameterShape> Text(RetrieverShape shape, TransformerShape tower) =>
        [new("text.places_TW", [shape.MaxTextTokens, tower.Width]), new("text.table_VW.weight", [shape.VocabularySize, tower.Width])];

    private static List<ParameterShape> Tower(string name, TransformerShape tower)
    {
        List<ParameterShape> parameters = [new($"{name}.summary_11W", [1, 1, tower.Width])];
        for (var layer = 0; layer < tower.Layers; layer++)
            parameters.AddRange(Block($"{name}.blocks.{layer}", tower));
        parameters.AddRange(Norm($"{name}.finalNorm", tower.Width));
        return parameters;
    }

    private static IEnumerable<ParameterShape> Block(string name, TransformerShape tower) =>
    [
        .. Norm($"{name}.attentionNorm", tower.Width),
        .. Linear($"{name}.queryKeyValue", tower.Width, 3 * tower.Width),
        .. Linear($"{name}.attentionOut", tower.Width, tower.Width),
        .. Norm($"{name}.mlpNorm", tower.Width),
        .. Linear($"{name}.up", tower.Width, tower.MlpWidth),
        .. Linear($"{name}.down", tower.MlpWidth, tower.Width),
    ];

    private static IEnumerable<ParameterShape> Linear(string name, int inputs, int outputs) => [new($"{name}.weight", [outputs, inputs]), new($"{name}.bias", [outputs])];

    private static IEnumerable<ParameterShape> Norm(string name, int width) => [new($"{name}.weight", [width]), new($"{name}.bias", [width])];
}
