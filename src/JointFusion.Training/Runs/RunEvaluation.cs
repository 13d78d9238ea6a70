using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>The evaluation at a run's end: the searching divided over the ranks, the files written by rank 0.</summary>
public sealed class RunEvaluation(RunPlan plan, RunFolder folder, RunData data, IProcessGroup group)
{
    /// <summary>Writes evaluation.json and outcomes.jsonl; returns on every rank once they are there.</summary>
    public void Run(TrainingState state)
    {
        using var scope = torch.NewDisposeScope();
        var evaluator = new RetrievalEvaluator(EvaluationConditions.Of(plan, state.Ledger), data.Set);
        var search = new DistributedSearch(data.Set, group, plan.Evaluation.Pools, evaluator.SearchDepth);
        var trained = new TrainedSpace(state.Retriever, data.Loader, plan.Retriever.Shape.EmbeddingWidth);
        var lists = search.Run(trained, evaluator.Requests());
        var pixels = search.Run(data.PixelSpace(plan), evaluator.PixelRequests());
        if (group.Rank == 0)
        {
            IReadOnlyList<QueryOutcome> outcomes = evaluator.Outcomes(lists.Concat(pixels));
            EvaluationFiles.Write(folder, outcomes, evaluator.Report(outcomes));
        }
        group.Barrier();
    }
}
