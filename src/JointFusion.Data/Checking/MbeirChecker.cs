using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Lists everything wrong with a folder in M-BEIR layout, or of pair files.</summary>
public static class MbeirChecker
{
    /// <param name="hashes">Also compare every file with the manifest's hash, and decode every picture.</param>
    /// <returns>Empty when the set can be used. At most <see cref="FaultList.PerFile"/> faults of one file, then one that counts the rest.</returns>
    public static ImmutableArray<DataFault> Check(string root, bool hashes)
    {
        var layout = new MbeirLayout(Path.GetFullPath(root));
        if (!Directory.Exists(layout.Root)) return [new DataFault(layout.Root, 0, "there is no such folder")];
        if (PairFolder.IsOne(layout.Root)) return PairChecker.Check(layout.Root, decode: hashes);

        var faults = new FaultList();
        var pools = CandidatePools.Read(layout, faults.Add);
        var instructions = InstructionTable.Read(layout, faults.Add);
        var reader = new QueryReader(layout, pools, instructions, faults.Add);
        var splits = layout.EvaluationSplits;
        if (layout.Queries(MbeirLayout.Train).IsEmpty && splits.IsEmpty)
        {
            faults.Add(new DataFault(layout.QueryFolder, 0, "no queries: expected train/*.jsonl, test/*.jsonl or other splits"));
        }

        var queries = splits.Prepend(MbeirLayout.Train).SelectMany(split => reader.Read(split)).ToList();
        foreach (var split in splits.Where(split => layout.Qrels(split).IsEmpty))
        {
            faults.Add(new DataFault(Path.Combine(layout.QrelsFolder, split), 0, $"no qrels for split {split}"));
        }

        CheckUse(layout, pools, queries, faults);
        new PictureCheck().Check(layout, pools, queries, decode: hashes, faults);
        ManifestCheck.Check(layout, hashes, faults);
        return faults.ToImmutable();
    }

    /// <summary>Whether what the queries ask for is there: their tasks' pools, their instructions.</summary>
    private static void CheckUse(MbeirLayout layout, CandidatePools pools, List<Query> queries, FaultList faults)
    {
        foreach (var task in queries.Select(query => query.Task).Distinct().Order().Where(task => pools.Local(task).IsEmpty))
        {
            faults.Add(new DataFault(layout.PoolFolder, 0, $"no local pool for task {task}; expected local/mbeir_<name>_task{task}_cand_pool.jsonl"));
        }

        foreach (var kind in queries.Where(query => query.Instructions.IsEmpty).Select(query => (DataSet: MbeirId.DataSet(query.Id), query.Task)).Distinct().Order())
        {
            faults.Add(new DataFault(layout.Instructions, 0, $"no instructions for data set {kind.DataSet}, task {kind.Task}"));
        }
    }
}
