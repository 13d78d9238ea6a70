using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Writes a set in M-BEIR's layout. The same set gives the same bytes.</summary>
internal sealed class DrawnSetWriter
{
    private readonly MbeirLayout layout;
    private readonly DrawnSet set;
    private readonly HashSet<int> seen;
    private readonly ImmutableDictionary<ConceptSplit, ImmutableArray<(string Qid, DrawnQuery Query)>> queries;

    public DrawnSetWriter(MbeirLayout layout, DrawnSet set)
    {
        this.layout = layout;
        this.set = set;
        seen = [.. set.Queries.Where(query => query.Split == ConceptSplit.Train).SelectMany(query => query.Positives)];
        queries = set.Queries
            .Select((query, i) => (Qid: $"{set.Identity.Id}:{i + 1}", Query: query))
            .GroupBy(entry => entry.Query.Split)
            .ToImmutableDictionary(group => group.Key, group => group.ToImmutableArray());
    }

    private string Name => set.Identity.Name;

    /// <summary>Everything but the manifest, which is returned.</summary>
    public DataManifest Write(string source, string builder, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        WriteImages(progress, cancellation);
        WritePools();
        WriteQueries();
        WriteInstructions();
        var vocabulary = VocabularyBuilder.Build(TrainingTexts());
        File.WriteAllBytes(layout.Vocabulary, vocabulary.ToJson());
        return new DataManifest
        {
            Name = Name,
            Builder = builder,
            Source = source,
            Notes = DrawnSetNotes.Of(set),
            HeldOutWords = set.Splits.HeldOutWords,
            VocabularySize = vocabulary.Entries.Length,
            TrainQueries = queries[ConceptSplit.Train].CountBy(entry => entry.Query.Task).ToImmutableSortedDictionary(),
            HardNegatives = queries[ConceptSplit.Train].Where(entry => Negatives(entry.Query).Any()).CountBy(entry => entry.Query.Task).ToImmutableSortedDictionary(),
            Splits = layout.EvaluationSplits,
            Files = ManifestFile.Of(layout, progress, cancellation),
        };
    }

    private void WriteImages(IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var pictures = set.Concepts.SelectMany(concept => concept.Files.Select(file => (file.Path, file.Picture.Png))).ToList();
        foreach (var folder in pictures.Select(picture => Path.GetDirectoryName(layout.Image(picture.Path))!).Distinct())
        {
            Directory.CreateDirectory(folder);
        }

        for (var i = 0; i < pictures.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            File.WriteAllBytes(layout.Image(pictures[i].Path), pictures[i].Png);
            if ((i + 1) % 100 == 0 || i + 1 == pictures.Count) progress?.Report(new DataProgress("writing pictures", i + 1, pictures.Count));
        }
    }

    private void WritePools()
    {
        foreach (var pool in set.Pools)
        {
            WritePool($"local/mbeir_{Name}_task{pool.Task.Id}_cand_pool.jsonl", pool.Members);
        }

        WritePool("global/mbeir_union_test_cand_pool.jsonl", Enumerable.Range(0, set.Candidates.Length));
        WritePool("global/mbeir_union_train_cand_pool.jsonl", seen.Order());
    }

    private void WritePool(string name, IEnumerable<int> members) => JsonLines.Write(
        Path.Combine(layout.PoolFolder, name),
        members.Select(index => set.Candidates[index]).Select(candidate => new CandidateLine
        {
            Did = candidate.Did,
            Txt = candidate.Text,
            ImgPath = candidate.Image,
            Modality = candidate.Modality.Name(),
            SrcContent = candidate.Concept?.Name,
        }));

    private void WriteQueries()
    {
        JsonLines.Write(Path.Combine(layout.QueryFolder, "train", $"mbeir_{Name}_train.jsonl"), queries[ConceptSplit.Train].Select(Line));
        foreach (var (split, entries) in queries)
        {
            var name = split.ToString().ToLowerInvariant();
            foreach (var task in entries.GroupBy(entry => entry.Query.Task))
            {
                WriteQrels(Path.Combine(layout.QrelsFolder, name, $"mbeir_{Name}_task{task.Key}_{name}_qrels.txt"), task);
                if (split == ConceptSplit.Train) continue;
                JsonLines.Write(Path.Combine(layout.QueryFolder, name, $"mbeir_{Name}_task{task.Key}_{name}.jsonl"), task.Select(Line));
            }
        }
    }

    private QueryLine Line((string Qid, DrawnQuery Query) entry)
    {
        var (qid, query) = entry;
        return new QueryLine
        {
            Qid = qid,
            QueryTxt = query.Text,
            QueryImgPath = query.Image,
            QueryModality = MbeirTask.Find(query.Task)!.Query.Name(),
            QuerySrcContent = new QuerySource(query.Operation, query.Concept, query.Positives.All(seen.Contains)).ToString(),
            PosCandList = Dids(query.Positives),
            NegCandList = Dids(Negatives(query)),
            TaskId = query.Task,
        };
    }

    /// <summary>A training query names no candidate that training does not have, not even as a negative.</summary>
    private IEnumerable<int> Negatives(DrawnQuery query) =>
        query.Split == ConceptSplit.Train ? query.Negatives.Where(seen.Contains) : query.Negatives;

    private ImmutableArray<string> Dids(IEnumerable<int> indices) => [.. indices.Select(index => set.Candidates[index].Did)];

    private void WriteQrels(string path, IEnumerable<(string Qid, DrawnQuery Query)> entries) => TextFile.WriteLines(
        path,
        from entry in entries
        from did in Dids(entry.Query.Positives)
        select $"{entry.Qid} 0 {did} 1 {entry.Query.Task}");

    private void WriteInstructions() => TextFile.WriteLines(
        layout.Instructions,
        set.Identity.Instructions
            .Select(entry => (Task: MbeirTask.Find(entry.Key)!, Texts: string.Join('\t', entry.Value)))
            .Select(line => $"{line.Task.Query.Name()}\t{line.Task.Candidate.Name()}\t{Name}\t{set.Identity.Id}\t{line.Texts}")
            .Prepend("query_modality\tcand_modality\tdataset_name\tdataset_id\tprompt_1\tprompt_2\tprompt_3\tprompt_4"));

    private IEnumerable<string> TrainingTexts() =>
        queries[ConceptSplit.Train]
            .Select(entry => entry.Query.Text)
            .Concat(seen.Select(index => set.Candidates[index].Text))
            .OfType<string>()
            .Concat(set.Identity.Instructions.Values.SelectMany(texts => texts));
}
