using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>One stage of training: what is sampled, for how long, at which rate.</summary>
public sealed record StageSpec
{
    public required string Name { get; init; }

    /// <summary>M-BEIR task ids: 0 t->i, 1 t->t, 2 t->it, 3 i->t, 4 i->i, 6 it->t, 7 it->i, 8 it->it.</summary>
    public required ImmutableArray<int> Tasks { get; init; }

    /// <summary>Whether each query's text is prefixed with one of its data set's instructions. Default false.</summary>
    public bool Instructions { get; init; }

    /// <summary>At least 1; a sweep may also give 0, which leaves the stage out.</summary>
    public required int Steps { get; init; }

    /// <summary>Pairs in one step over all workers; fixed by the spec, whatever the number of workers.</summary>
    public required int GlobalBatch { get; init; }

    /// <summary>Rows of the global batch that are drawn together from one task, so that negatives are of the positive's kind; divides it. Default: tasks are mixed row by row.</summary>
    public int? SubBatch { get; init; }

    /// <summary>How often queries are drawn beside the others; a query that several entries fit has their product. Default: each once an epoch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<QueryWeight>? Weights { get; init; }

    /// <summary>So many candidates of each query's neg_cand_list, newly drawn each time, join the global batch as negatives of all its queries; a query with fewer brings what it has. Default 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int HardNegatives { get; init; }

    /// <summary>Negatives found by the model itself when the stage begins; not in the first, whose weights know nothing. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public NegativeMining? MinedNegatives { get; init; }

    /// <summary>
    /// A query's negatives are the candidates of so many rows of the global batch around it, in blocks of so many, as where workers do not exchange
    /// theirs; the blocks are the same at any number of workers. Divides the global batch. Default: those of all rows.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? NegativesWithin { get; init; }

    /// <summary>softmax: a query's positive against all candidates together; sigmoid: each pair by itself, right or wrong. Default softmax.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Loss Loss { get; init; }

    /// <summary>Whether the softmax loss also asks each positive for its query among all queries, and averages both directions. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Symmetric { get; init; }

    /// <summary>
    /// Widths, ascending, that the beginning of an embedding is to be of use at too: the loss is the mean over these and the whole one, each cut off
    /// and normalised again (Kusupati et al. 2022, arXiv 2205.13147). Evaluation is of the whole one. Default: the whole one alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<int>? Matryoshka { get; init; }

    /// <summary>
    /// Adapters of this stage's own. In a later stage those before it are first merged into the backbone's weights, which is kept in checkpoints and
    /// their manifests. Default: <c>retriever.lora</c>, or the adapters of the stage before go on.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LowRankAdapters? Lora { get; init; }

    /// <summary>Peak rate of AdamW.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The rate rises linearly over these steps. Default 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>After the warm-up. Default cosine.</summary>
    public Schedule Schedule { get; init; } = Schedule.Cosine;

    /// <summary>Decoupled decay of matrices and embeddings; norms and biases are never decayed. Default 0.05.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Gradients are scaled down to this global norm. Default 1.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>What is trained at a rate or decay of its own, or frozen, by name. Default: all alike.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<ParameterRule>? Parameters { get; init; }

    /// <summary>
    /// Rates fall from layer to layer: those of the last of L numbered layers are multiplied by this, the first's by its Lth power, those of what
    /// leads into them (embeddings) by the one after; what follows them keeps its own. On top of a rule's rate. Default: none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? LayerDecay { get; init; }

    /// <summary>Queries and candidates that the busiest worker encodes in a step, at most.</summary>
    public int ItemsAWorker(int workers) => (GlobalBatch + workers - 1) / workers * (2 + NegativesAQuery());

    /// <summary>Hard negatives that a query brings at most, named and mined.</summary>
    public int NegativesAQuery() => HardNegatives + (MinedNegatives?.PerQuery ?? 0);
}

/// <summary>Each query's nearest candidates in its task's local pool, by the weights with which the stage begins, that are no positives of its own.</summary>
public sealed record NegativeMining
{
    /// <summary>So many, newly drawn each time, join the global batch; a query with fewer brings what it has.</summary>
    public required int PerQuery { get; init; }

    /// <summary>Of this many of the nearest. Default 50.</summary>
    public int FromTop { get; init; } = 50;

    /// <summary>
    /// Only those whose cosine to the query is below this share of its best positive's: what is closer is too often right
    /// (Moreira et al. 2024, arXiv 2407.15831). Default 0.95.
    /// </summary>
    public double BelowPositive { get; init; } = 0.95;
}

/// <summary>Training queries of a task, a data set, or a task of a data set, and how often they are drawn.</summary>
public sealed record QueryWeight
{
    /// <summary>One of the stage's tasks; null is any.</summary>
    public int? Task { get; init; }

    /// <summary>What stands before the colon of the query ids; null is any.</summary>
    public int? Dataset { get; init; }

    /// <summary>Times an epoch: 2 draws each query twice, 0.5 half of them, newly chosen each epoch.</summary>
    public required double Weight { get; init; }

    public bool Fits(int task, int? dataset) => (Task ?? task) == task && (Dataset is null || Dataset == dataset);
}
