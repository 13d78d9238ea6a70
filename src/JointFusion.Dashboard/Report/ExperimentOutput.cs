using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The end of an experiment: results.json and report.html from whatever its runs have left; study.json where these are a study.</summary>
public static class ExperimentOutput
{
    /// <summary>May be called again at any time, also while runs are going: it reads all and replaces both files, each at once.</summary>
    /// <param name="catalog">Of the data set the runs share.</param>
    /// <exception cref="InvalidDataException">A file of a run is damaged; names it.</exception>
    public static async Task<ExperimentSummary> WriteAsync(ExperimentFolder folder, IItemCatalog catalog, TimeProvider clock)
    {
        var runs = ExperimentReader.Read(folder);
        var groups = File.Exists(folder.TaskGroups) ? TaskGroupsLoader.Load(folder.TaskGroups) : TaskGroupsLoader.Default;
        if (Study.From(runs, groups) is { } study)
            return await WriteAsync(folder, study, StudyModel.Of(study, runs, groups, catalog, clock.GetUtcNow()));
        var results = ExperimentResults.From(runs);
        results.Write(folder);
        var page = await ReportPage.RenderAsync(ReportPage.Model(runs, results, catalog, clock.GetUtcNow()));
        AtomicFile.Write(folder.Report, page);
        return ExperimentSummary.From(results);
    }

    private static async Task<ExperimentSummary> WriteAsync(ExperimentFolder folder, Study study, StudyModel model)
    {
        var results = ExperimentResults.OfStudy(model.Runs, study);
        results.Write(folder);
        study.Write(folder);
        AtomicFile.Write(folder.Report, await ReportPage.RenderAsync(model));
        return new ExperimentSummary(study.K, study.Pool, []) { Study = study };
    }
}
