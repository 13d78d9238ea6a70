using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>What a run is measured at when it comes to a rung of its sweep: whole queries of the validation split, the searching divided over the ranks.</summary>
public sealed class RungEvaluation(RunPlan plan, RunFolder folder, RunData data, IProcessGroup group)
{
    public const string Split = "val";

    /// <summary>Writes the rows, as an evaluation has them, beside the run's own.</summary>
    /// <returns>On every rank the mean that the plan's metric is: the higher the better.</returns>
    public double Run(TrainingState state)
    {
        using var scope = torch.NewDisposeScope();
        var measured = plan with { Evaluation = plan.Evaluation with { Splits = [Split] } };
        var evaluator = new RetrievalEvaluator(EvaluationConditions.Of(measured, state.Ledger), data.Set);
        var search = new DistributedSearch(data.Set, group, measured.Evaluation.Pools, evaluator.SearchDepth);
        var lists = search.Run(new TrainedSpace(state.Retriever, data.Loader, plan.Retriever.Shape.EmbeddingWidth), [.. evaluator.Requests().Where(request => request.Inputs == EvaluationRequest.Whole)]);
        var value = BitConverter.GetBytes(group.Rank == 0 ? Write(evaluator.Report([.. evaluator.Outcomes(lists)]), state.Step) : 0);
        group.Broadcast(value, root: 0);
        return BitConverter.ToDouble(value);
    }

    private double Write(EvaluationReport report, int step)
    {
        ResultFile.Write(folder.Rung(step), stream => JsonSerializer.Serialize(stream, report, JointFusionJson.File));
        return RungScore.Of(report.Rows, plan.Sweep?.Asha?.Metric ?? default);
    }
}
