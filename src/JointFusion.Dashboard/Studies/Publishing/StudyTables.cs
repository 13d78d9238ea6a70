using System.Text;

namespace JointFusion.Dashboard;

/// <summary>Studies as tables in Markdown. Pure: what a committed page says can be held against the results beside it.</summary>
public static class StudyTables
{
    private const double Level = 0.05;

    /// <summary>A group with fewer says nothing: its cells stay empty.</summary>
    private const int FewestQueries = 20;

    /// <summary>The whole page; pictures lie beside it in the folder of their study.</summary>
    public static string Page(IReadOnlyList<Study> studies)
    {
        var page = new StringBuilder("# Studies\n\nWritten by `jf report FOLDER --publish DIR` from the `results.json` of each study; do not edit it.\n");
        page.Append("Differences are in points of recall with their 95% interval over seeds and concepts together; bold: p < 0.05 after Holm's correction over a comparison's groups or rows.\n");
        Section("What the paper claims", Claims(studies));
        foreach (var condition in studies.SelectMany(study => study.Conditions).Distinct())
            Section($"Early fusion against the others: {condition.Words}", Overview(studies, condition));
        foreach (var study in studies)
        {
            Section(study.Experiment, $"{About(study)}\n\n![{study.DataName}: early fusion minus each other arm]({study.Experiment}/{StudyPublication.Figure})\n");
            page.Append($"\n{Parts(study)}\n{Rows(study)}\n{Kinds(study)}");
        }

        return page.ToString();

        void Section(string title, string text) => page.Append($"\n## {title}\n\n{text}");
    }

    /// <summary>A row a claim, a column a study, in it the verdict.</summary>
    public static string Claims(IReadOnlyList<Study> studies) =>
        Table(
            ["claim", .. studies.Select(study => study.DataName)],
            studies.SelectMany(study => study.Claims).DistinctBy(claim => claim.Id).Select(claim =>
                (string[])[claim.Words, .. studies.Select(study => study.Claims.FirstOrDefault(other => other.Id == claim.Id) is { } found ? found.Verdict.Words() : "–")]),
            words: studies.Count + 1);

    /// <summary>A row a comparison, a column a study's group of tasks.</summary>
    public static string Overview(IReadOnlyList<Study> studies, StudyCondition condition)
    {
        var columns = studies.SelectMany(study => study.Groups.Select(group => (Study: study, Group: group))).ToList();
        var contrasts = studies.ToDictionary(study => study, study => study.Contrasts.Where(c => c.IsGroup && c.Queries >= FewestQueries && c.Condition == condition && IsOfEarly(study, c)).ToList());
        var compared = contrasts.Values.SelectMany(all => all).Select(Compared).Distinct().ToList();
        return Table(
            [$"recall@{studies[0].K}", .. columns.Select(column => $"{column.Study.DataName}: {column.Group}")],
            [
                ["early", .. columns.Select(column => Early(contrasts[column.Study].Where(c => c.Group == column.Group)))],
                .. compared.Select(words => (string[])[words, .. columns.Select(column => Difference(contrasts[column.Study].Find(c => c.Group == column.Group && Compared(c) == words)))]),
            ]);
    }

    /// <summary>A row a task's operation under the headline's condition, a column a comparison.</summary>
    public static string Rows(Study study)
    {
        var rows = study.Contrasts.Where(c => !c.IsGroup && c.Condition == study.Headline && IsOfEarly(study, c)).ToList();
        var compared = rows.Select(Compared).Distinct().ToList();
        return Table(
            [$"recall@{study.K}", "queries", "early", .. compared],
            from row in rows.GroupBy(c => (c.Group, c.Task, c.Operation))
            orderby study.Groups.ToList().IndexOf(row.Key.Group), row.Key.Task
            select (string[])
            [
                $"{row.Key.Group}: {Marks.Task(row.Key.Task!.Value)} {Operations.Name(row.Key.Operation!)}", $"{row.First().Queries}", Early(row),
                .. compared.Select(words => Difference(row.FirstOrDefault(c => Compared(c) == words))),
            ]);
    }

    private static string About(Study study) =>
        $"{Study.SeedsInWords([.. study.Kinds.Select(kind => kind.Seeds.Length)])} of each kind of run{Missing(study)}, "
        + $"{study.Kinds.Sum(kind => kind.Hours):0.0} worker hours of training on {string.Join(", ", study.Kinds.Select(kind => kind.Processors).Where(name => name.Length > 0).Distinct())}; "
        + $"recall@{study.K} in the {Marks.Name(study.Pool)} pool, data `{Marks.Short(study.Data.Split('@')[^1])}`.";

    private static string Missing(Study study) => study.Missing == 0 ? ""
        : $" ({study.Missing} runs are missing; claims rest on {Study.SeedsInWords([.. study.Claims.SelectMany(claim => claim.Parts).Select(part => part.Contrast.Seeds)])})";

    private static string Parts(Study study) => Table(
        ["claim", "compared", "recall", "difference", "p (Holm)", "alone"],
        from claim in study.Claims
        from part in claim.Parts
        let c = part.Contrast
        select (string[])[claim.Id, $"{Compared(c)}, {c.Group}", $"{Marks.Percent(c.LeftValue)} / {Marks.Percent(c.RightValue)}", Difference(c), Marks.Probability(part.PHolm), part.Verdict.Words()],
        words: 2);

    private static string Kinds(Study study) => Table(
        ["arm", "stages", "steps", "learning rate", "parameters", "FLOPs a pair", "seeds", "worker hours"],
        study.Kinds.Select(kind => (string[])
        [
            kind.Arm, kind.Course, kind.Steps, kind.RatesInWords, Marks.Count(kind.Parameters), Marks.Count(kind.FlopsPerPair), $"{kind.Seeds.Length} of {kind.Planned}", kind.Hours.ToString("0.00"),
        ]),
        words: 2);

    private static bool IsOfEarly(Study study, StudyContrast contrast) =>
        contrast.Between == "arms" ? contrast.Both == study.Course : contrast.Both.Split('-')[0] == "early" && contrast.Left == study.Course;

    private static string Compared(StudyContrast contrast) =>
        contrast.Between == "arms" ? $"{contrast.Left} − {contrast.Right}" : $"{contrast.Both}: {contrast.Left} − {contrast.Right}";

    private static string Early(IEnumerable<StudyContrast> contrasts) => contrasts.FirstOrDefault() is { } first ? Marks.Percent(first.LeftValue) : "–";

    private static string Difference(StudyContrast? contrast)
    {
        if (contrast is null) return "–";
        var points = Marks.Points(contrast.Difference);
        return $"{(contrast.PHolm < Level ? $"**{points}**" : points)} [{Marks.Points(contrast.Low)}, {Marks.Points(contrast.High)}]";
    }

    /// <param name="words">So many columns are words, the others figures.</param>
    private static string Table(string[] heads, IEnumerable<string[]> rows, int words = 1)
    {
        var table = new StringBuilder();
        Line(heads);
        Line([.. heads.Select((_, column) => column < words ? "---" : "--:")]);
        foreach (var row in rows)
            Line(row);
        return table.ToString();

        void Line(string[] cells) => table.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }
}
