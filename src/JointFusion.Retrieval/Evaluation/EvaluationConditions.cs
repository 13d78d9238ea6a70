using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>What an evaluation's rows say of the retriever that was asked, and which queries it was asked.</summary>
/// <param name="Fusion">early, score or feature.</param>
/// <param name="Stages">Names of the stages trained, joined by '+'.</param>
/// <param name="Instructions">Whether queries carry their first instruction.</param>
/// <param name="Ledger">Of the training.</param>
/// <param name="Splits">Of the data set.</param>
public sealed record EvaluationConditions(
    string Run, string Fusion, int Seed, string Stages, bool Instructions, string Ledger, string PlanHash, ImmutableArray<string> Splits)
{
    /// <summary>Of a run at its end.</summary>
    public static EvaluationConditions Of(RunPlan plan, string ledger) => new(
        plan.Run, NameOf(plan.Retriever.Shape.Fusion), plan.Seed, string.Join('+', plan.Stages.Select(stage => stage.Spec.Name)),
        plan.Stages[^1].Spec.Instructions, ledger, plan.PlanHash, plan.Evaluation.Splits);

    public static string NameOf(Fusion fusion) => fusion.ToString().ToLowerInvariant();
}
