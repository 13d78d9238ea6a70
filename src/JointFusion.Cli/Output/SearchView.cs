using System.Globalization;
using JointFusion.Data;
using JointFusion.Training;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>What a search has found.</summary>
internal static class SearchView
{
    public static void Write(IAnsiConsole console, SearchEngine engine, SearchQuery query, SearchAnswer answer)
    {
        var origin = engine.Retriever.Origin;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{origin.Experiment}, run {origin.Run}, step {origin.Step:N0}, among {answer.PoolSize:N0} candidates of {engine.Data.Name}{Scope(query)}"));
        if (answer.Instruction is { } instruction)
            console.WriteLine($"Asked with the instruction \"{instruction}\"");
        if (answer.OwnPictureLeftOut)
            console.WriteLine("The picture is one of the data set's own: candidates that show it are left out.");
        console.Write(Table(answer));
        if (query.Task is null && Tasks(engine, query) is { Length: > 0 } tasks)
            console.WriteLine($"All kinds of candidates, asked without an instruction. --task asks for one kind: {tasks}.");
        if (answer.Hits.Any(hit => hit.Image is not null))
            console.WriteLine($"Pictures are below {engine.Data.Root}");
    }

    /// <summary>For scripts.</summary>
    public static object Json(SearchEngine engine, SearchQuery query, SearchAnswer answer) => new
    {
        Retriever = engine.Retriever.Origin,
        Data = new { engine.Data.Name, engine.Data.ManifestHash, engine.Data.Root },
        Query = query,
        answer.Instruction,
        answer.Pool,
        answer.PoolSize,
        answer.OwnPictureLeftOut,
        answer.Hits,
    };

    private static string Tasks(SearchEngine engine, SearchQuery query) =>
        string.Join(", ", MbeirTask.All.Where(task => task.Query == query.Modality && engine.Data.LocalTasks.Contains(task.Id)).Select(task => $"{task.Id} for {task.Candidate.Name()}"));

    private static string Scope(SearchQuery query) => query.Task is { } task ? $", those of task {task}" : "";

    private static Table Table(SearchAnswer answer)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("#", "Score", "Id", "Text", "Picture");
        table.Columns[0].RightAligned();
        table.Columns[1].RightAligned();
        foreach (var column in table.Columns.Where((_, place) => place != 3))
            column.NoWrap();
        foreach (var hit in answer.Hits)
            table.AddRow(((string[])[$"{hit.Rank}", hit.Score.ToString("0.000", CultureInfo.InvariantCulture), hit.Id, hit.Text ?? "", hit.Image ?? ""]).Select(cell => new Text(cell)));
        return table;
    }
}
