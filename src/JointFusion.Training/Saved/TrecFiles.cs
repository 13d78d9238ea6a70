using System.Globalization;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Ranked lists as trec_eval reads them: qrels, and runs of whole queries.</summary>
/// <remarks>
/// <code>
///   test-task7.qrels                   qid 0 did 1
///   test-task7-local.run               qid Q0 did rank score tag
///   test-task7-local-without-own.run   the same, candidates left out that show the query's own picture; only for queries with one
/// </code>
/// </remarks>
public static class TrecFiles
{
    /// <summary>How long lists are at most.</summary>
    public const int Depth = 100;

    /// <summary>What a search must return for that.</summary>
    public const int SearchDepth = Depth + RankedList.Spare;

    /// <param name="folder">Made if it is not there; files of these names are replaced.</param>
    /// <param name="tag">Names the retriever in each line; without spaces.</param>
    /// <returns>The files' names.</returns>
    public static IReadOnlyList<string> Write(string folder, MbeirDataset data, IEnumerable<ScoredList> lists, string tag)
    {
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        var imageOf = data.Candidates.Select(candidate => candidate.ImagePath).ToArray();
        var whole = lists.Where(list => list.List.Request.Inputs == EvaluationRequest.Whole).GroupBy(list => (list.List.Request.Split, list.List.Request.Query.Task, list.List.Pool)).ToList();
        foreach (var group in whole)
        {
            var (split, task, pool) = group.Key;
            var name = string.Create(CultureInfo.InvariantCulture, $"{split}-task{task}");
            if (!written.Contains($"{name}.qrels"))
                Put($"{name}.qrels", group.SelectMany(list => Relevant(data, list.List.Request.Query)));
            var of = $"{name}-{(pool == PoolKind.Local ? "local" : "global")}";
            Put($"{of}.run", group.SelectMany(list => Lines(data, list, imageOf, withoutOwn: false, tag)));
            if (group.Any(list => list.List.Request.Query.ImagePath is not null))
                Put($"{of}-without-own.run", group.SelectMany(list => Lines(data, list, imageOf, withoutOwn: true, tag)));
        }
        return written;

        void Put(string name, IEnumerable<string> lines)
        {
            ResultFile.Write(Path.Combine(folder, name), stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (var line in lines)
                    writer.WriteLine(line);
            });
            written.Add(name);
        }
    }

    private static IEnumerable<string> Relevant(MbeirDataset data, Query query) => query.Positives.Select(positive => $"{query.Id} 0 {data.Candidates[positive].Did} 1");

    /// <summary>trec_eval sorts by score, and breaks ties its own way: scores are written so that none of a list rises.</summary>
    private static IEnumerable<string> Lines(MbeirDataset data, ScoredList list, string?[] imageOf, bool withoutOwn, string tag)
    {
        var own = list.List.Request.Query.ImagePath;
        var hits = list.List.Found.Zip(list.Scores).Where(hit => hit.First >= 0 && !(withoutOwn && own is not null && imageOf[hit.First] == own)).Take(Depth);
        return hits.Select((hit, place) => string.Create(
            CultureInfo.InvariantCulture, $"{list.List.Request.Query.Id} Q0 {data.Candidates[hit.First].Did} {place + 1} {hit.Second:R} {tag}"));
    }
}
