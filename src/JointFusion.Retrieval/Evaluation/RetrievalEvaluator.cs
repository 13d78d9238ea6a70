using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>What an evaluation asks, and what its answers amount to. The searching between the two is the caller's: see Training.</summary>
/// <param name="of">The retriever that is asked, and the splits.</param>
public sealed class RetrievalEvaluator(EvaluationConditions of, MbeirDataset data)
{
    /// <summary>Deep enough that the query's own pictures can be struck out.</summary>
    public int SearchDepth => RecallDepths.Deepest(data.Name) + RankedList.Spare;

    /// <summary>For the trained retriever: every query whole, and those of two parts by each part alone.</summary>
    public IReadOnlyList<EvaluationRequest> Requests() =>
        [.. from split in of.Splits
            from query in data.Queries(split)
            from request in EvaluationRequest.Of(query, split, of.Instructions)
            select request];

    /// <summary>For raw pixels: queries with a picture whose candidates are pictures too.</summary>
    public IReadOnlyList<EvaluationRequest> PixelRequests() =>
        [.. from split in of.Splits
            from query in data.Queries(split)
            where query.ImagePath is not null && query.Positives.Any(positive => data.Candidates[positive].ImagePath is not null)
            select new EvaluationRequest(query, split, EvaluationRequest.Pixels, new ItemRef(null, query.ImagePath))];

    public IReadOnlyList<QueryOutcome> Outcomes(IEnumerable<RankedList> lists) =>
        [.. new OutcomeBuilder(data.Candidates, RecallDepths.Deepest(data.Name)).Build(lists)];

    public EvaluationReport Report(IReadOnlyList<QueryOutcome> outcomes) => new(1, [.. new ResultTable(of, data).Rows(outcomes)]);
}
