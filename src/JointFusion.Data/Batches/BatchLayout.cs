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

    private int CandidatesOf(Share share) => Place(share.First + share.Count) - Place(share.First);

    private int Place(int row) => row == Targets.Length ? Candidates.Length : Targets[row];
}
