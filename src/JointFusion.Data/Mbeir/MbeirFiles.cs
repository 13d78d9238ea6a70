using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Those of a folder in M-BEIR layout; the first fault ends it.</summary>
internal sealed class MbeirFiles(MbeirLayout layout) : ISetFiles
{
    private readonly CandidatePools pools = CandidatePools.Read(layout, DataFault.Throw);
    private readonly InstructionTable instructions = InstructionTable.Read(layout, DataFault.Throw);

    public ImmutableArray<Candidate> Candidates => pools.Candidates;

    public ImmutableArray<string> EvaluationSplits => layout.EvaluationSplits;

    public IEnumerable<string> Instructions => instructions.All;

    public ImmutableArray<int> LocalTasks => layout.LocalTasks;

    public ImmutableArray<string> InstructionsOf(MbeirTask task) => instructions.ForAny(task);

    public ImmutableArray<Query> Queries(string split) => new QueryReader(layout, pools, instructions, DataFault.Throw).Read(split);

    public ImmutableArray<int> Local(int task) => pools.Local(task);

    public ImmutableArray<int> Global() => pools.Global();
}
