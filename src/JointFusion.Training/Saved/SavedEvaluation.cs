using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The evaluation that a run ends with, of any saved retriever on any data set, in one process.</summary>
public sealed class SavedEvaluation : IDisposable
{
    private const int QueriesPerReport = 512;

    private SavedEvaluation(
        CandidateEmbeddings candidates, IReadOnlyList<EvaluationRequest> requests, Tensor queries_QE, IReadOnlyList<ScoredList> lists, IReadOnlyList<QueryOutcome> outcomes, EvaluationReport report) =>
        (Candidates, Requests, Queries_QE, Lists, Outcomes, Report) = (candidates, requests, queries_QE, lists, outcomes, report);

    public CandidateEmbeddings Candidates { get; }

    public IReadOnlyList<EvaluationRequest> Requests { get; }

    /// <summary>A row a request.</summary>
    public Tensor Queries_QE { get; }

    /// <summary>Of the retriever, without the baseline's.</summary>
    public IReadOnlyList<ScoredList> Lists { get; }

    public IReadOnlyList<QueryOutcome> Outcomes { get; }

    /// <summary>As evaluation.json has it.</summary>
    public EvaluationReport Report { get; }

    /// <param name="splits">Of the data set.</param>
    /// <param name="atLeast">How deep the lists are; deeper than the evaluation needs, for who writes them.</param>
    /// <exception cref="DataException">A split or a task's pool is missing, or a picture cannot be decoded.</exception>
    /// <exception cref="ArgumentException">The retriever is an export of a version that did not say what rows must say.</exception>
    public static SavedEvaluation Run(
        SavedRetriever retriever, MbeirDataset data, ImmutableArray<string> splits, int atLeast = 0, EmbeddingCache? cache = null,
        IProgress<DataProgress>? progress = null, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var evaluator = new RetrievalEvaluator(ConditionsOf(retriever, splits), data);
        var requests = evaluator.Requests(); // what is missing is told before anything is embedded
        ImmutableArray<PoolKind> pools = [PoolKind.Local, PoolKind.Global];
        foreach (var task in requests.Select(request => request.Query.Task).Distinct())
            data.Pool(task, PoolKind.Local);
        var candidates = CandidateEmbeddings.Of(retriever, data, cache, progress, cancel);
        var queries_QE = Embed(retriever, data, requests, progress, cancel);
        progress?.Report(new DataProgress("searching", 0, 0));
        var depth = Math.Max(evaluator.SearchDepth, atLeast);
        var (found, scores) = new PoolSearch(data, candidates.Candidates, candidates.Rows_CE, pools, depth).Run(requests, queries_QE);
        ScoredList[] lists =
        [
            .. from request in Enumerable.Range(0, requests.Count)
               from pool in Enumerable.Range(0, pools.Length)
               let start = (request * pools.Length + pool) * depth
               select new ScoredList(new RankedList(requests[request], pools[pool], new ArraySegment<int>(found, start, depth)), new ArraySegment<float>(scores, start, depth)),
        ];
        var pixels = new DistributedSearch(data, LocalProcessGroup.Create(1)[0], pools, evaluator.SearchDepth).Run(retriever.PixelSpace(data), evaluator.PixelRequests());
        var outcomes = evaluator.Outcomes(lists.Select(list => list.List).Concat(pixels));
        return new SavedEvaluation(candidates, requests, queries_QE.DetachFromDisposeScope(), lists, outcomes, evaluator.Report(outcomes));
    }

    public void Dispose()
    {
        Candidates.Dispose();
        Queries_QE.Dispose();
    }

    private static EvaluationConditions ConditionsOf(SavedRetriever retriever, ImmutableArray<string> splits)
    {
        var origin = retriever.Origin;
        if (origin.Seed is not { } seed || origin.Stages is not { } stages)
            throw new ArgumentException("This export was written by a version that did not say its seed and stages, which results must say. Export the checkpoint again.", nameof(retriever));
        return new EvaluationConditions(
            origin.Run, EvaluationConditions.NameOf(retriever.Plan.Shape.Fusion), seed, string.Join('+', stages.Select(stage => stage.Name)), origin.Instructions, origin.Ledger, origin.PlanHash, splits);
    }

    private static Tensor Embed(SavedRetriever retriever, MbeirDataset data, IReadOnlyList<EvaluationRequest> requests, IProgress<DataProgress>? progress, CancellationToken cancel)
    {
        var space = retriever.Space(data);
        var queries_QE = zeros(requests.Count, space.Width, device: retriever.Retriever.LogTemperature.device);
        for (var done = 0; done < requests.Count;)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var block = requests.Skip(done).Take(QueriesPerReport).Select(request => request.Item).ToArray();
            queries_QE.narrow(0, done, block.Length).copy_(space.Embed(block));
            done += block.Length;
            progress?.Report(new DataProgress("embedding the queries", done, requests.Count));
        }
        return queries_QE;
    }
}
