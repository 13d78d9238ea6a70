using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>How the whole global batch stands; the same on every rank.</summary>
/// <param name="Loss">Mean over the queries, in nats.</param>
/// <param name="Accuracy">Share of queries whose positive scores highest.</param>
/// <param name="MaskedByDataSet">Candidates left out of some query's negatives, by the query's data set; those without any are not listed.</param>
/// <param name="LossByTask">Mean over the task's queries.</param>
/// <param name="Margin">Cosine of the positive minus that of the nearest wrong candidate, mean over the queries that have one; null if none has.</param>
/// <param name="WrongModality">Share of queries whose nearest candidate is of another modality than their positive.</param>
/// <param name="QuerySpread">1 - |mean embedding|^2: 0 where all queries have the same, near 1 where they point everywhere.</param>
/// <param name="CandidateSpread">The same of the candidates.</param>
public sealed record BatchLoss(
    double Loss, double Accuracy, ImmutableSortedDictionary<int, int> MaskedByDataSet, ImmutableSortedDictionary<int, double> LossByTask,
    double? Margin, double WrongModality, double QuerySpread, double CandidateSpread)
{
    public int Masked => MaskedByDataSet.Values.Sum();

    /// <summary>The lesser: one side alone can collapse too.</summary>
    public double Spread => Math.Min(QuerySpread, CandidateSpread);

    /// <summary>Sums the ranks' shares, in one exchange.</summary>
    /// <param name="queries_RE">This rank's own, normalised.</param>
    /// <param name="candidates_CE">Those of all ranks, normalised.</param>
    internal static BatchLoss Over(IProcessGroup group, LossShare share, BatchLayout layout, double temperature, Tensor queries_RE, Tensor candidates_CE)
    {
        using var scope = NewDisposeScope();
        const int loss = 0, hits = 1, margin = 2, margins = 3, wrongModality = 4, firstDataSet = 5;
        int[] dataSets = [.. layout.DataSets.Distinct().Order()], tasks = [.. layout.Tasks.Distinct().Order()];
        var firstTask = firstDataSet + dataSets.Length;
        var firstOfQuery = firstTask + tasks.Length;
        Span<double> sums = [.. new double[firstOfQuery], .. queries_RE.sum([0L]).to(ScalarType.Float64).cpu().data<double>()];
        (sums[loss], sums[hits]) = (share.Loss, share.Figures.Hits);
        for (var row = 0; row < layout.Local.Count; row++)
        {
            var global = layout.Local.First + row;
            sums[firstDataSet + Array.BinarySearch(dataSets, layout.DataSets[global])] += share.MaskedOfRow[row];
            sums[firstTask + Array.BinarySearch(tasks, layout.Tasks[global])] += share.Figures.Loss[row];
            if (share.Figures.WrongColumn[row] < 0)
                continue;
            sums[margin] += (share.Figures.Positive[row] - share.Figures.Wrong[row]) * temperature;
            sums[margins]++;
            if (!share.Figures.IsHit(row) && layout.Modalities[share.Figures.WrongColumn[row]] != layout.Modalities[layout.Targets[global]])
                sums[wrongModality]++;
        }
        group.AllReduce(sums);
        var (masked, lossOfTask, rowsOfTask) = (sums[firstDataSet..firstTask].ToArray(), sums[firstTask..firstOfQuery].ToArray(), layout.Tasks.CountBy(task => task).ToDictionary());
        return new BatchLoss(
            sums[loss],
            sums[hits] / layout.Rows,
            dataSets.Zip(masked).Where(pair => pair.Second > 0).ToImmutableSortedDictionary(pair => pair.First, pair => (int)pair.Second),
            tasks.Zip(lossOfTask).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second / rowsOfTask[pair.First]),
            sums[margins] == 0 ? null : sums[margin] / sums[margins],
            sums[wrongModality] / layout.Rows,
            SpreadOf(sums[firstOfQuery..], layout.Rows),
            SpreadOf(candidates_CE.sum([0L]).to(ScalarType.Float64).cpu().data<double>().ToArray(), layout.Candidates.Length));
    }

    private static double SpreadOf(ReadOnlySpan<double> sum, int count)
    {
        var squares = 0.0;
        foreach (var x in sum)
            squares += x * x;
        return 1 - (squares / ((double)count * count));
    }
}
