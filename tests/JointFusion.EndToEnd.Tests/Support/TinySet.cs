using System.Text.Json;
using JointFusion.Data;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A few hundred real queries of the icons set as an M-BEIR folder of their own: what a user's own small data set looks like.</summary>
public static class TinySet
{
    private static readonly int[] Tasks = [0, 3, 7];
    private const int TrainQueries = 400;
    private const int ValQueriesOfTask = 30;

    /// <returns>The folder.</returns>
    public static string Create()
    {
        Environment.SetEnvironmentVariable("JF_CACHE", TestPaths.Cache);
        var icons = IconsDataSet.Ensure(outFolder: null, progress: null, CancellationToken.None).Root;
        var tiny = TestPaths.NewFolder("tiny");
        var train = Lines(icons, "query/train/mbeir_icons_train.jsonl").Where(line => Tasks.Contains(Number(line, "task_id"))).Take(TrainQueries).ToArray();
        Write(tiny, "query/train/mbeir_tiny_train.jsonl", train);
        var used = train.ToList();
        foreach (var task in Tasks)
        {
            var val = Lines(icons, $"query/val/mbeir_icons_task{task}_val.jsonl").Take(ValQueriesOfTask).ToArray();
            Write(tiny, $"query/val/mbeir_tiny_task{task}_val.jsonl", val);
            var ids = val.Select(line => Text(line, "qid")!).ToHashSet();
            Write(tiny, $"qrels/val/mbeir_tiny_task{task}_val_qrels.txt",
                Lines(icons, $"qrels/val/mbeir_icons_task{task}_val_qrels.txt").Where(line => ids.Contains(line.Split(' ')[0])));
            used.AddRange(val);
        }
        var dids = used.SelectMany(line => Ids(line, "pos_cand_list").Concat(Ids(line, "neg_cand_list"))).ToHashSet();
        CopyPools(icons, tiny, dids);
        CopyPictures(icons, tiny, used.Select(line => Text(line, "query_img_path")));
        Write(tiny, "instructions/query_instructions.tsv", Lines(icons, "instructions/query_instructions.tsv"));
        return tiny;
    }

    private static void CopyPools(string icons, string tiny, HashSet<string> dids)
    {
        var pools = Tasks.Select(task => $"local/mbeir_icons_task{task}_cand_pool.jsonl").Append("global/mbeir_union_test_cand_pool.jsonl");
        foreach (var pool in pools)
        {
            var kept = Lines(icons, $"cand_pool/{pool}").Where(line => dids.Contains(Text(line, "did")!)).ToArray();
            Write(tiny, $"cand_pool/{pool.Replace("icons", "tiny", StringComparison.Ordinal)}", kept);
            CopyPictures(icons, tiny, kept.Select(line => Text(line, "img_path")));
        }
    }

    private static void CopyPictures(string from, string to, IEnumerable<string?> paths)
    {
        foreach (var path in paths.OfType<string>().Distinct())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
            File.Copy(Path.Combine(from, path), Path.Combine(to, path), overwrite: true);
        }
    }

    private static string[] Lines(string root, string file) => File.ReadAllLines(Path.Combine(root, file));

    private static void Write(string root, string file, IEnumerable<string> lines)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, lines);
    }

    private static string? Text(string line, string key) => JsonDocument.Parse(line).RootElement.GetProperty(key).GetString();

    private static int Number(string line, string key) => JsonDocument.Parse(line).RootElement.GetProperty(key).GetInt32();

    private static IEnumerable<string> Ids(string line, string key) =>
        JsonDocument.Parse(line).RootElement.GetProperty(key).EnumerateArray().Select(id => id.GetString()!);
}
