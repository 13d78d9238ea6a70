using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>
/// Studies as a repository keeps them: a folder that has one for each study, in it <c>results.json</c> (as study.json) and <c>forest.svg</c>,
/// and a page in Markdown with the tables of all of them. The page and the figures follow from the results alone.
/// </summary>
public static class StudyPublication
{
    public const string Results = "results.json", Figure = "forest.svg", Page = "README.md";

    /// <summary>Adds a study, or replaces the one of the same experiment.</summary>
    /// <returns>The page's path.</returns>
    /// <exception cref="InvalidDataException">Another study's results in the folder are damaged; names the file.</exception>
    public static async Task<string> AddAsync(Study study, string folder)
    {
        var others = Read(folder).Where(other => other.Experiment != study.Experiment);
        var own = Directory.CreateDirectory(Path.Combine(folder, study.Experiment)).FullName;
        AtomicFile.Write(Path.Combine(own, Results), study.ToJson());
        AtomicFile.Write(Path.Combine(own, Figure), await FigureAsync(study));
        var page = Path.Combine(folder, Page);
        AtomicFile.Write(page, StudyTables.Page([.. others.Append(study).OrderBy(one => one.Experiment, StringComparer.Ordinal)]));
        return page;
    }

    /// <summary>Those that are in a folder, by name.</summary>
    /// <exception cref="InvalidDataException">Results are damaged; names the file.</exception>
    public static ImmutableArray<Study> Read(string folder) =>
        !Directory.Exists(folder) ? []
        : [.. Directory.GetDirectories(folder).Select(own => Path.Combine(own, Results)).Where(File.Exists).Select(ReadOne).OrderBy(study => study.Experiment, StringComparer.Ordinal)];

    /// <summary>The forest plot as SVG, which needs no other file.</summary>
    public static Task<string> FigureAsync(Study study) => ReportPage.RenderAsync<StudyFigure>(study);

    private static Study ReadOne(string path)
    {
        try
        {
            var study = JsonSerializer.Deserialize<Study>(File.ReadAllText(path), JointFusionJson.File);
            return study is { Schema: Study.CurrentSchema, Experiment: not null, Data: not null, Headline: not null } and { Kinds.IsDefault: false, Claims.IsDefault: false, Contrasts.IsDefault: false }
                ? study
                : throw new JsonException($"It lacks what a study of schema {Study.CurrentSchema} has.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path}: not a study's results: {fault.Message} Publish that study again (jf report FOLDER --publish DIR), or take its folder away.", fault);
        }
    }
}
