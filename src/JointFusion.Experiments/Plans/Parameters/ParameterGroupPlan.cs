using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>Parameters that a stage trains alike.</summary>
/// <param name="Rate">Times the stage's rate.</param>
/// <param name="WeightDecay">0 for what never decays.</param>
/// <param name="Frozen">Stays as the stage finds it.</param>
/// <param name="Tensors">So many parameters.</param>
/// <param name="Scalars">Numbers in them.</param>
/// <param name="First">The name of one of them.</param>
public sealed record ParameterGroupPlan(
    double Rate, double WeightDecay, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Frozen, int Tensors, long Scalars, string First)
{
    /// <summary>The trained ones first, the highest rate first.</summary>
    /// <returns>Null where the stage trains all parameters alike.</returns>
    public static ImmutableArray<ParameterGroupPlan>? Of(StageSpec stage, IReadOnlyList<ParameterShape> parameters) =>
        stage is { Parameters: null, LayerDecay: null } ? null :
        [
            .. ParameterGroups.Of(stage, parameters).Zip(parameters)
                .GroupBy(pair => (pair.First.Frozen, pair.First.Rate, Decay: pair.First.WeightDecay(stage.WeightDecay)), pair => pair.Second)
                .Select(group => new ParameterGroupPlan(group.Key.Rate, group.Key.Decay, group.Key.Frozen, group.Count(), group.Sum(parameter => parameter.Count), group.First().Name))
                .OrderBy(group => group.Frozen).ThenByDescending(group => group.Rate).ThenByDescending(group => group.WeightDecay),
        ];
}
