using System.Text;

namespace JointFusion.Benchmarks;

/// <summary>A markdown table with the conditions it was measured under, to the terminal and to a file.</summary>
internal sealed class Report(string title, string command, params string[] columns)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

    public void Write(FileInfo? file, params IEnumerable<string> notes)
    {
        var text = new StringBuilder()
            .AppendLine($"# {title}").AppendLine()
            .AppendLine($"`{command}` on {Machine.Describe()}. Median [smallest..largest].").AppendLine()
            .AppendLine($"| {string.Join(" | ", columns)} |")
            .AppendLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
        foreach (var row in rows)
            text.AppendLine($"| {string.Join(" | ", row)} |");
        text.AppendLine();
        foreach (var note in notes)
            text.AppendLine(note);
        Console.Write(text);
        if (file is not null)
            File.WriteAllText(file.FullName, text.ToString());
    }
}
