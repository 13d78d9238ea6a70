using System.Collections.Immutable;
using System.Globalization;

namespace JointFusion.Data;

/// <summary>The prompts of <c>instructions/query_instructions.tsv</c>, by data set id and modalities.</summary>
internal sealed class InstructionTable
{
    private const int FirstPrompt = 4;
    private readonly Dictionary<(int DataSet, Modality Query, Modality Candidate), ImmutableArray<string>> prompts = [];

    /// <summary>Every prompt of the file, in its order.</summary>
    public IEnumerable<string> All => prompts.Values.SelectMany(texts => texts);

    public static InstructionTable Read(MbeirLayout layout, Action<DataFault> onFault)
    {
        var table = new InstructionTable();
        if (!File.Exists(layout.Instructions))
        {
            onFault(new DataFault(layout.Instructions, 0, "missing: a header line, then query_modality, cand_modality, dataset_name, dataset_id, prompts"));
            return table;
        }

        var number = 0;
        foreach (var line in File.ReadLines(layout.Instructions))
        {
            number++;
            if (number > 1 && line.Length > 0 && table.Add(line.Split('\t')) is { } fault)
            {
                onFault(new DataFault(layout.Instructions, number, fault));
            }
        }

        return table;
    }

    public ImmutableArray<string> For(int dataSet, MbeirTask task) =>
        prompts.TryGetValue((dataSet, task.Query, task.Candidate), out var texts) ? texts : [];

    /// <summary>Those of the first data set by id that has some for these modalities.</summary>
    public ImmutableArray<string> ForAny(MbeirTask task)
    {
        var of = prompts.Where(entry => (entry.Key.Query, entry.Key.Candidate) == (task.Query, task.Candidate)).OrderBy(entry => entry.Key.DataSet).ToList();
        return of.Count > 0 ? of[0].Value : [];
    }

    private string? Add(string[] cells)
    {
        if (cells.Length <= FirstPrompt) return $"{cells.Length} tab-separated columns, expected at least {FirstPrompt + 1}";
        if (ModalityNames.Parse(cells[0]) is not { } query) return $"query_modality {cells[0]} is not text, image or image,text";
        if (ModalityNames.Parse(cells[1]) is not { } candidate) return $"cand_modality {cells[1]} is not text, image or image,text";
        if (!int.TryParse(cells[3], NumberStyles.None, CultureInfo.InvariantCulture, out var dataSet)) return $"dataset_id {cells[3]} is not a number";

        ImmutableArray<string> texts = [.. cells.Skip(FirstPrompt).Select(cell => cell.Trim()).Where(cell => cell.Length > 0)];
        if (texts.IsEmpty) return "no prompt";
        return prompts.TryAdd((dataSet, query, candidate), texts) ? null : $"data set {dataSet} has a second line for these modalities";
    }
}
