using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Answers queries with a trained retriever: texts, pictures or both against the candidates of a data set. For one thread at a time.</summary>
public sealed class SearchEngine : IDisposable
{
    private readonly SavedRetriever retriever;
    private readonly MbeirDataset data;
    private readonly CandidateEmbeddings candidates;
    private readonly TrainedSpace queries;
    private readonly Dictionary<int, (ExactIndex Index, Tensor Rows_CE)> pools = [];

    /// <summary>Whichever pool has no number of a task.</summary>
    private const int WholePool = -1;

    private SearchEngine(SavedRetriever retriever, MbeirDataset data, CandidateEmbeddings candidates)
    {
        (this.retriever, this.data, this.candidates) = (retriever, data, candidates);
        queries = retriever.Space(data, cacheBytes: 0); // a user's picture may be another by the next query
    }

    public SavedRetriever Retriever => retriever;

    public MbeirDataset Data => data;

    /// <summary>Candidates that can be found.</summary>
    public int Candidates => candidates.Candidates.Length;

    /// <summary>Embeds the candidates, or reads their embeddings.</summary>
    /// <param name="retriever">Belongs to the engine from now on, and is disposed with it.</param>
    /// <inheritdoc cref="CandidateEmbeddings.Of"/>
    public static SearchEngine Open(
        SavedRetriever retriever, MbeirDataset data, EmbeddingCache? cache = null, IProgress<DataProgress>? progress = null, CancellationToken cancel = default)
    {
        try
        {
            return new SearchEngine(retriever, data, CandidateEmbeddings.Of(retriever, data, cache, progress, cancel));
        }
        catch
        {
            retriever.Dispose();
            throw;
        }
    }

    /// <param name="top">How many hits at most.</param>
    /// <exception cref="ArgumentException">The query has a <see cref="SearchQuery.Fault"/>, or a picture that the retriever does not take.</exception>
    /// <exception cref="DataException">The picture is missing or cannot be decoded, or the task has no candidates here.</exception>
    public SearchAnswer Ask(SearchQuery query, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        if (query.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(query));
        if (!retriever.Takes(new ItemRef(query.Text, query.ImagePath)))
            throw new ArgumentException("This retriever is over a published model of texts alone: it takes no picture.", nameof(query));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var instruction = InstructionFor(query);
        var own = OwnPicture(query);
        var text = instruction is null ? query.Text : $"{instruction} {query.Text}".TrimEnd();
        var pool = PoolOf(query.Task);
        var (found, scores) = pool.SearchScored(queries.Embed([new ItemRef(text, query.ImagePath)]), (int)Math.Min((long)top + RankedList.Spare, int.MaxValue))[0];
        return new SearchAnswer(
            instruction, query.Task is null ? PoolKind.Global : PoolKind.Local, pool.Size, own is not null,
            [.. found.Zip(scores).Where(hit => own is null || data.Candidates[hit.First].ImagePath != own).Take(top).Select((hit, place) => Hit(place + 1, data.Candidates[hit.First], hit.Second))]);
    }

    public void Dispose()
    {
        foreach (var (_, rows_CE) in pools.Values)
            rows_CE.Dispose();
        candidates.Dispose();
        retriever.Dispose();
    }

    private static SearchHit Hit(int rank, Candidate candidate, float score) =>
        new(rank, candidate.Did, score, candidate.Modality.Name(), candidate.Text, candidate.ImagePath);

    /// <summary>The first, as evaluations do.</summary>
    private string? InstructionFor(SearchQuery query) =>
        query.Task is { } task && retriever.Origin.Instructions ? data.InstructionsOf(MbeirTask.Find(task)!).FirstOrDefault() : null;

    /// <summary>The query's picture as the data set names it; null where it is none of its own.</summary>
    private string? OwnPicture(SearchQuery query)
    {
        if (query.ImagePath is null)
            return null;
        var relative = Path.GetRelativePath(data.Root, Path.Combine(data.Root, query.ImagePath)).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : relative;
    }

    private ExactIndex PoolOf(int? task)
    {
        if (pools.TryGetValue(task ?? WholePool, out var known))
            return known.Index;
        var rowOf = candidates.Candidates.Index().ToDictionary(row => row.Item, row => row.Index);
        var members = data.Pool(task ?? WholePool, task is null ? PoolKind.Global : PoolKind.Local).Where(rowOf.ContainsKey).ToArray();
        var rows_CE = candidates.Rows_CE.RowsAt(members.Select(candidate => rowOf[candidate])).DetachFromDisposeScope();
        var index = new ExactIndex(rows_CE, members);
        pools.Add(task ?? WholePool, (index, rows_CE));
        return index;
    }
}
