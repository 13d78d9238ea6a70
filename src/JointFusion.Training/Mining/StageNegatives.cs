using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>The negatives that a stage asks to be mined: found when it begins, read again when an attempt goes on within it.</summary>
public sealed class StageNegatives(RunPlan plan, RunFolder folder, RunData data, IProcessGroup group, IRunEvents events)
{
    /// <summary>Every rank gets the same.</summary>
    /// <returns>Null: the stage mines nothing.</returns>
    /// <exception cref="CheckpointException">The run is within the stage, and what it mined is missing or torn.</exception>
    public MinedNegatives? For(StagePlan stage, TrainingState state)
    {
        if (stage.Spec.MinedNegatives is null)
            return null;
        var queries = BatchSampler.Queries(data.Set, stage.Spec);
        var path = folder.MinedNegatives(stage.Spec.Name);
        var file = new MinedFile(path, data.Set, queries);
        var begins = state.Step == stage.FirstStep - 1;
        if (!group.Any(group.Rank == 0 && Read() is not null))
        {
            if (!begins)
                throw new CheckpointException(path, $"is missing or torn; the steps of stage {stage.Spec.Name} after {state.Step} draw from it. Begin a run at the checkpoint of step {stage.FirstStep - 1} or before: jf run SPEC --fork.");
            Mine(stage, state, queries, file);
        }
        group.Barrier();
        return Read() ?? throw new CheckpointException(path, "cannot be read back; every worker needs to see the run's folder.");

        MinedNegatives? Read() => file.Read(header =>
            (header.FirstStep, header.Mining) == (stage.FirstStep, stage.Spec.MinedNegatives) && (!begins || header.Ledger == state.Ledger));
    }

    private void Mine(StagePlan stage, TrainingState state, ImmutableArray<Query> queries, MinedFile file)
    {
        events.Phase(RunPhase.Training, $"{stage.Spec.Name}: mining negatives");
        var space = new TrainedSpace(state.Retriever, data.Loader, plan.Retriever.Shape.EmbeddingWidth);
        var negatives = new NegativeMiner(data.Set, group, space, stage.Spec).Mine(queries);
        events.Phase(RunPhase.Training, stage.Spec.Name);
        if (group.Rank != 0)
            return;
        file.Write(new MinedHeader(stage.Spec.Name, stage.FirstStep, stage.Spec.MinedNegatives!, state.Ledger), negatives);
        var wanted = stage.Spec.MinedNegatives!.PerQuery;
        var few = negatives.Count(list => list.Length < wanted);
        if (few > 0)
            events.Warning($"stage {stage.Spec.Name}: {few} of {queries.Length} queries have fewer than {wanted} mined negatives; a larger from_top or below_positive gives more.");
    }
}
