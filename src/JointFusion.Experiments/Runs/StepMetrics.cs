using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>One line of metrics.jsonl, written by rank 0 after each step.</summary>
public sealed record StepMetrics
{
    public required string Run { get; init; }
    public required int Generation { get; init; }
    public required string Stage { get; init; }

    /// <summary>From 1, counted over the whole run.</summary>
    public required int Step { get; init; }

    /// <summary>Mean over the global batch, in nats. Full precision.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of the global batch whose positive scores highest among the gathered candidates.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Global norm before clipping.</summary>
    public required double GradientNorm { get; init; }

    public required double LearningRate { get; init; }
    public required double Temperature { get; init; }

    /// <summary>Of the sigmoid loss's logits; null where the retriever has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? LogitBias { get; init; }

    /// <summary>By what score fusion multiplies the two parts' embeddings; null where it learns no weights.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public PartWeights? ModalityWeights { get; init; }

    /// <summary>Chained hash of the ids of every global batch so far; equal at any number of workers.</summary>
    public required string Ledger { get; init; }

    /// <summary>Pairs of the global batch over the step's seconds.</summary>
    public required double PairsPerSecond { get; init; }

    /// <summary>Candidates left out of some query's negatives, since they are the same or another positive.</summary>
    public required int MaskedNegatives { get; init; }

    /// <summary>The same by M-BEIR's number of the query's data set; data sets without any are not listed.</summary>
    public ImmutableSortedDictionary<int, int> MaskedByDataSet { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    /// <summary>Mean loss of each task's queries, by M-BEIR's task id.</summary>
    public ImmutableSortedDictionary<int, double> LossByTask { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>Cosine of the positive minus that of the nearest wrong candidate, mean over the queries; null where none has a negative. This and what follows are null in lines of a time that knew no health, too.</summary>
    public double? Margin { get; init; }

    /// <summary>Share of queries whose nearest candidate is of another modality than their positive.</summary>
    public double? WrongModality { get; init; }

    /// <summary>1 - |mean embedding|^2 over the batch's queries: 0 where all have the same, near 1 where they point everywhere.</summary>
    public double? QuerySpread { get; init; }

    /// <summary>The same of its candidates.</summary>
    public double? CandidateSpread { get; init; }

    /// <summary>
    /// Model FLOPs utilisation: the operations of rank 0's items, forward and backward, over the step's seconds and <see cref="PeakFlops"/>. Of
    /// each step by itself: an attempt's first few wait for the compiler, and are lower.
    /// </summary>
    public double? Mfu { get; init; }

    /// <summary>Operations a second of large matrix products on rank 0, all ranks at once, measured as the attempt began; null in older lines.</summary>
    public double? PeakFlops { get; init; }

    /// <summary>Of the embeddings: of queries or candidates, the lesser; null where it was not measured.</summary>
    [JsonIgnore]
    public double? Spread => QuerySpread is { } queries && CandidateSpread is { } candidates ? Math.Min(queries, candidates) : null;

    public required StepSeconds Seconds { get; init; }

    /// <summary>Resident memory of rank 0's process.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>The most that was resident since that process began; null in older lines.</summary>
    public long? PeakResidentBytes { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <param name="Image">Of pictures' embeddings.</param>
/// <param name="Text">Of texts' embeddings. Only their ratio counts: embeddings are normalised.</param>
public sealed record PartWeights(double Image, double Text);

/// <summary>Where rank 0's step went, in seconds. <c>Exchange</c> holds the gather, the reductions and waiting for peers in them.</summary>
public sealed record StepSeconds(double Total, double Data, double Forward, double Backward, double Exchange, double Optimizer, double Checkpoint);
