using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The end of an experiment: results.json and report.html from whatever its runs have left.</summary>
public static class ExperimentOutput
{
    /// <summary>May be called again at any time, also while runs are going: it reads all and replaces both files, each at once.</summary>
    /// <param name="catalog">Of the data set the runs share.</param>
    /// <exception cref="InvalidDataException">A file of a run is damaged; names it.</exception>
    public static async Task<ExperimentSummary> WriteAsync(ExperimentFolder folder, IItemCatalog catalog, TimeProvider clock)
    {
        var runs = ExperimentReader.Read(folder);
        var results = ExperimentResults.From(runs);
        results.Write(folder);
        var page = await ReportPage.RenderAsync(ReportPage.Model(runs, results, catalog, clock.GetUtcNow()));
        AtomicFile.Write(folder.Report, page);
        return ExperimentSummary.From(results);
    }
}
