using JointFusion.Data;
using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>An encoder, early or late, that turns items of any modality into L2-normalised embeddings, and the scale of its scores: a temperature and, where a loss needs one, a bias.</summary>
public sealed class Retriever : Module<ItemBatch, Tensor>
{
    private readonly Module<IReadOnlyList<ModalityGroup>, Tensor> encoder;
    private readonly Parameter logTemperature;
    private readonly Parameter? logitBias;
    private readonly ModalityWeights? weights;
    private readonly double minimumLogTemperature;
    private readonly PixelScale pixels;

    /// <param name="plan">Sizes, precision and temperature.</param>
    /// <param name="seed">Of the weights.</param>
    public Retriever(RetrieverPlan plan, int seed)
        : this(
            plan.Shape.Fusion.HasOneTower() ? new EarlyFusionEncoder(plan.Shape, plan.Precision) : new LateFusionEncoder(plan.Shape, plan.Precision),
            new ScoreScale(plan.Temperature, plan.MinimumTemperature, plan.TemperatureFixed, plan.LogitBias),
            plan.Pixels) => Initialization.Draw(this, seed);

    /// <param name="encoder">From groups to [N, E], the groups' items one after the other, in float32 or float64; its weights are in place.</param>
    /// <param name="pixels">How it wants pixels.</param>
    public Retriever(Module<IReadOnlyList<ModalityGroup>, Tensor> encoder, ScoreScale scale, PixelScale pixels) : base(nameof(Retriever))
    {
        this.encoder = encoder;
        this.pixels = pixels;
        logTemperature = Parameter(tensor((float)Math.Log(scale.Temperature)), requires_grad: !scale.TemperatureFixed);
        logitBias = scale.LogitBias is { } bias ? Parameter(tensor((float)bias)) : null;
        minimumLogTemperature = Math.Log(scale.MinimumTemperature);
        RegisterComponents();
        weights = encoder.modules().OfType<ModalityWeights>().FirstOrDefault(); // not registered: it is the encoder's
    }

    /// <summary>Of score fusion; null where it learns none.</summary>
    public PartWeights? Weights => weights?.Values;

    /// <summary>The published model within it; null where there is none.</summary>
    public Backbone? Backbone => encoder.modules().OfType<Backbone>().FirstOrDefault();

    /// <summary>Scalar; losses divide scores by its exponential. Without a gradient where the plan fixes it.</summary>
    public Parameter LogTemperature => logTemperature;

    public double Temperature => Math.Exp(logTemperature.ToNumber());

    /// <summary>Scalar, added to the sigmoid loss's logits; null where no stage has that loss.</summary>
    public Parameter? LogitBias => logitBias;

    /// <returns>[Count, E], L2-normalised, in the order of the items.</returns>
    public override Tensor forward(ItemBatch items) => Encode(items);

    /// <summary>The items of several batches at once, one after the other.</summary>
    /// <inheritdoc cref="forward"/>
    public Tensor Encode(params IReadOnlyList<ItemBatch> batches)
    {
        var groups = ModalityGroup.Split(batches, pixels, logTemperature.dtype, logTemperature.device);
        var order = new long[batches.Sum(batch => batch.Count)];
        var next = 0;
        foreach (var row in groups.SelectMany(group => group.Rows))
            order[row] = next++;
        var order_N = tensor(order).Sent(logTemperature.device);
        return functional.normalize(encoder.call(groups).index_select(0, order_N), p: 2, dim: 1);
    }

    /// <summary>Keeps a learnable temperature in [minimum, 1]; called after each optimizer step.</summary>
    public void ClampTemperature()
    {
        if (!logTemperature.requires_grad)
            return;
        using var _ = no_grad();
        logTemperature.ClampTo_(minimumLogTemperature, 0);
    }
}
