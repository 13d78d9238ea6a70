using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Reads the queries of one split: training ones with the positives of their own line, others with those of the qrels.</summary>
internal sealed class QueryReader(MbeirLayout layout, CandidatePools pools, InstructionTable instructions, Action<DataFault> onFault)
{
    /// <summary>In the order of the files' names and lines. A query with a fault is left out.</summary>
    public ImmutableArray<Query> Read(string split)
    {
        var relevant = split == MbeirLayout.Train ? null : ReadQrels(split);
        var queries = ImmutableArray.CreateBuilder<Query>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in layout.Queries(split))
        {
            var task = MbeirLayout.TaskOfFile(path);
            foreach (var (number, line) in JsonLines.Read<QueryLine>(path, onFault))
            {
                var (query, fault) = Resolve(line, task, relevant);
                if (query is not null && !ids.Add(query.Id) && !MbeirLayout.MayRepeatQueries(path))
                {
                    fault = $"qid {query.Id} stands twice in split {split}";
                }

                if (fault is null) queries.Add(query!);
                else onFault(new DataFault(path, number, fault));
            }
        }

        return queries.DrainToImmutable();
    }

    private Dictionary<string, List<string>> ReadQrels(string split)
    {
        var relevant = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var path in layout.Qrels(split))
        {
            QrelsFile.Read(path, relevant, onFault);
        }

        return relevant;
    }

    private (Query? Query, string? Fault) Resolve(QueryLine line, int? taskOfFile, Dictionary<string, List<string>>? relevant)
    {
        if (line.Qid is null || MbeirId.DataSet(line.Qid) is not { } dataSet) return (null, $"qid {line.Qid ?? "null"} is not <data set>:<number>");
        if (ItemFault.Of($"qid {line.Qid}", line.QueryModality, line.QueryTxt, line.QueryImgPath) is { } fault) return (null, fault);

        IReadOnlyList<string>? dids = relevant is null ? line.PosCandList : relevant.GetValueOrDefault(line.Qid);
        if (dids is null or []) return (null, $"qid {line.Qid} has no relevant candidate{(relevant is null ? "" : " in the qrels")}");
        IReadOnlyList<string> wrong = relevant is null ? line.NegCandList : [];
        if (dids.Concat(wrong).FirstOrDefault(did => pools.Find(did) is null) is { } unknown) return (null, $"qid {line.Qid}: did {unknown} is in no pool");

        var positives = dids.Distinct(StringComparer.Ordinal).Select(did => pools.Find(did)!).ToList();
        var (task, taskFault) = TaskOf(line, taskOfFile, positives);
        return task is null ? (null, taskFault) : (Create(line, dataSet, task, positives, [.. wrong.Select(did => pools.Find(did)!)]), null);
    }

    private static (MbeirTask? Task, string? Fault) TaskOf(QueryLine line, int? taskOfFile, List<Candidate> positives)
    {
        var modality = ModalityNames.Parse(line.QueryModality)!.Value;
        var id = line.TaskId ?? taskOfFile;
        var task = id is { } known ? MbeirTask.Find(known) : MbeirTask.Find(modality, positives[0].Modality);
        if (task is null) return (null, $"qid {line.Qid}: there is no task {id?.ToString() ?? $"{modality.Name()} to {positives[0].Modality.Name()}"}");

        if (task.Query != modality)
        {
            return (null, $"qid {line.Qid}: task {task.Id} asks with {task.Query.Name()}, but the query's modality is {modality.Name()}");
        }

        return positives.FirstOrDefault(candidate => candidate.Modality != task.Candidate) is { } wrong
            ? (null, $"qid {line.Qid}: task {task.Id} asks for {task.Candidate.Name()}, but did {wrong.Did} is {wrong.Modality.Name()}")
            : (task, null);
    }

    private Query Create(QueryLine line, int dataSet, MbeirTask task, List<Candidate> positives, List<Candidate> wrong)
    {
        var source = QuerySource.Parse(line.QuerySrcContent);
        return new Query
        {
            Id = line.Qid!,
            Text = task.Query.HasText() ? line.QueryTxt : null,
            ImagePath = task.Query.HasImage() ? line.QueryImgPath : null,
            Task = task.Id,
            Operation = source?.Op ?? "all",
            Concept = source?.Concept ?? line.Qid!,
            TargetSeen = source?.TargetSeen ?? true,
            Positives = [.. positives.Select(candidate => candidate.Index).Order()],
            HardNegatives = [.. wrong.Except(positives).Select(candidate => candidate.Index).Order()],
            Instructions = instructions.For(dataSet, task),
        };
    }
}
