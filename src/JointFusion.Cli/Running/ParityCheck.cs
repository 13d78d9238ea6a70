using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>One stage's outcome of <see cref="ParityGate"/>, with the workers of the plan as threads of this process.</summary>
/// <param name="Parameter">Whose gradient differs most.</param>
/// <param name="Difference">Norm of the difference over the norm of the gradient.</param>
public sealed record ParityCheck(string Run, string Stage, int Ranks, string Parameter, double Difference, bool Holds)
{
    public static async Task<IEnumerable<ParityCheck>> OfAsync(RunPlan plan)
    {
        var groups = LocalProcessGroup.Create(plan.Resources.Workers);
        var outcomes = await Task.WhenAll(groups.Select(group => Task.Factory.StartNew(
            () => Measure(plan, group), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        foreach (var group in groups)
            group.Dispose();
        return outcomes[0].Select(outcome => new ParityCheck(plan.Run, outcome.Stage, groups.Length, outcome.Parameter, outcome.Difference, outcome.Holds));
    }

    private static IReadOnlyList<ParityOutcome> Measure(RunPlan plan, LocalProcessGroup group)
    {
        try
        {
            return new ParityGate(plan, group).Measure();
        }
        catch
        {
            group.Dispose(); // The others must not wait for this rank.
            throw;
        }
    }
}
