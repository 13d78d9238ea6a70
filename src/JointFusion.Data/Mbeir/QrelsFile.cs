using System.Globalization;

namespace JointFusion.Data;

/// <summary>Relevance judgements: lines of query id, 0, candidate id, relevance, task id.</summary>
internal static class QrelsFile
{
    private const int Columns = 5;

    /// <summary>Adds each query's relevant candidates. Only those of the query's own data set count, as in UniIR: OVEN and INFOSEEK share a pool.</summary>
    public static void Read(string path, Dictionary<string, List<string>> relevant, Action<DataFault> onFault)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;

            var cells = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (FaultOf(cells) is { } fault)
            {
                onFault(new DataFault(path, number, fault));
                continue;
            }

            if (cells[3] == "0" || MbeirId.DataSet(cells[0]) != MbeirId.DataSet(cells[2])) continue;

            if (!relevant.TryGetValue(cells[0], out var dids)) relevant[cells[0]] = dids = [];
            dids.Add(cells[2]);
        }
    }

    private static string? FaultOf(string[] cells)
    {
        if (cells.Length != Columns) return $"{cells.Length} columns, expected {Columns}: query id, 0, candidate id, relevance, task id";
        if (!int.TryParse(cells[3], NumberStyles.Integer, CultureInfo.InvariantCulture, out _)) return $"relevance {cells[3]} is not a whole number";
        if (!int.TryParse(cells[4], NumberStyles.None, CultureInfo.InvariantCulture, out var task)) return $"task id {cells[4]} is not a number";
        return MbeirTask.Find(task) is null ? $"there is no task {task}" : null;
    }
}
