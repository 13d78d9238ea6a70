using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Who brings what to a global batch: known to each rank without communication.</summary>
/// <remarks>Candidates stand row by row, each row's positive first: their order does not depend on the number of ranks.</remarks>
public sealed class BatchLayout
{
    /// <param name="candidatesOfRow">By row of the global batch, dense candidate indices: the positive drawn, then hard negatives.</param>
    /// <param name="positivesOfRow">By row, all positives of its query: none of them may serve as its negative.</param>
    /// <param name="dataSetOfRow">By row, M-BEIR's number of its query's data set; null: all are of one, numbered 0.</param>
    /// <param name="taskOfRow">By row, M-BEIR's id of its query's task; null: all are of one, numbered 0.</param>
    /// <param name="modalityOf">Of a candidate, by dense index; null: all are alike.</param>
    public BatchLayout(
        IReadOnlyList<ImmutableArray<int>> candidatesOfRow, IReadOnlyList<ImmutableArray<int>> positivesOfRow, int rank, int world,
        IReadOnlyList<int>? dataSetOfRow = null, IReadOnlyList<int>? taskOfRow = null, Func<int, Modality>? modalityOf = null)
    {
        Candidates = [.. candidatesOfRow.SelectMany(candidates => candidates)];
        Targets = new int[candidatesOfRow.Count];
        for (var row = 1; row < Targets.Length; row++) Targets[row] = Targets[row - 1] + candidatesOfRow[row - 1].Length;
        Positives = [.. positivesOfRow];
        DataSets = dataSetOfRow is null ? new int[Targets.Length] : [.. dataSetOfRow];
        Tasks = taskOfRow is null ? new int[Targets.Length] : [.. taskOfRow];
        Modalities = modalityOf is null ? new Modality[Candidates.Length] : [.. Candidates.Select(modalityOf)];
        RowsOfRank = Share.Counts(Targets.Length, world);
        CandidatesOfRank = [.. Enumerable.Range(0, world).Select(other => CandidatesOf(Share.Of(other, world, Targets.Length)))];
        Local = Share.Of(rank, world, Targets.Length);
    }

    private BatchLayout(BatchLayout whole, int first, int count)
    {
        var (place, end) = (whole.Place(first), whole.Place(first + count));
        Candidates = whole.Candidates[place..end];
        Targets = [.. whole.Targets[first..(first + count)].Select(target => target - place)];
        Positives = whole.Positives[first..(first + count)];
        DataSets = whole.DataSets[first..(first + count)];
        Tasks = whole.Tasks[first..(first + count)];
        Modalities = whole.Modalities[place..end];
        var starts = whole.RowsOfRank.Aggregate(ImmutableArray.Create(0), (sums, rows) => sums.Add(sums[^1] + rows));
        Share[] shares = [.. whole.RowsOfRank.Select((rows, rank) => Common(new Share(starts[rank], rows), first, count))];
        RowsOfRank = [.. shares.Select(share => share.Count)];
        CandidatesOfRank = [.. shares.Select(CandidatesOf)];
        Local = Common(whole.Local, first, count);
    }

    /// <summary>Queries of the global batch.</summary>
    public int Rows => Targets.Length;

    /// <summary>Every candidate of the global batch, by dense index.</summary>
    public int[] Candidates { get; }

    /// <summary>By row, the place of its positive in <see cref="Candidates"/>.</summary>
    public int[] Targets { get; }

    /// <summary>By row, all positives of its query, by dense index.</summary>
    public ImmutableArray<int>[] Positives { get; }

    /// <summary>By row, M-BEIR's number of the query's data set.</summary>
    public int[] DataSets { get; }

    /// <summary>By row, M-BEIR's id of the query's task.</summary>
    public int[] Tasks { get; }

    /// <summary>Of each of <see cref="Candidates"/>.</summary>
    public Modality[] Modalities { get; }

    /// <summary>How many rows each rank encodes, in rank order.</summary>
    public int[] RowsOfRank { get; }

    /// <summary>How many of <see cref="Candidates"/> each rank encodes, in rank order.</summary>
    public int[] CandidatesOfRank { get; }

    /// <summary>This rank's rows.</summary>
    public Share Local { get; }

    /// <summary>By local row, the place of its positive in <see cref="Candidates"/>.</summary>
    public int[] LocalTargets => Targets[Local.First..(Local.First + Local.Count)];

    /// <summary>Some of its rows with what they bring, as a batch of their own; of each rank what it has of them.</summary>
    public BatchLayout Slice(int first, int count) => new(this, first, count);

    /// <summary>Where the candidates of a row begin; of the row after the last, where all end.</summary>
    public int Place(int row) => row == Targets.Length ? Candidates.Length : Targets[row];

    /// <returns>The rows of a share that lie in a stretch, counted from its beginning.</returns>
    private static Share Common(Share share, int first, int count)
    {
        var (begin, end) = (Math.Max(share.First, first), Math.Min(share.First + share.Count, first + count));
        return begin < end ? new Share(begin - first, end - begin) : new Share(0, 0);
    }

    private int CandidatesOf(Share share) => Place(share.First + share.Count) - Place(share.First);
}
