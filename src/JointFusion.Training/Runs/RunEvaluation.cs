using System.Text.Json;
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
        var evaluator = new RetrievalEvaluator(plan, data.Set);
        var search = new DistributedSearch(data.Set, group, plan.Evaluation.Pools, evaluator.SearchDepth);
        var trained = new TrainedSpace(state.Retriever, data.Loader, plan.Retriever.Shape.EmbeddingWidth);
        var lists = search.Run(trained, evaluator.Requests());
        var pixels = search.Run(new PixelSpace(data.Loader, plan.Data.ImageSize, plan.Retriever.Shape.PatchSize), evaluator.PixelRequests());
        if (group.Rank == 0)
            Write(evaluator, [.. evaluator.Outcomes(lists.Concat(pixels))], state.Ledger);
        group.Barrier();
    }

    private void Write(RetrievalEvaluator evaluator, IReadOnlyList<QueryOutcome> outcomes, string ledger)
    {
        ResultFile.Write(folder.Outcomes, stream =>
        {
            foreach (var outcome in outcomes)
            {
                JsonSerializer.Serialize(stream, outcome, JointFusionJson.Line);
                stream.WriteByte((byte)'\n');
            }
        });
        ResultFile.Write(folder.Evaluation, stream => JsonSerializer.Serialize(stream, evaluator.Report(outcomes, ledger), JointFusionJson.File));
    }
}
