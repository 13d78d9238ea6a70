using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace JointFusion.Dashboard;

/// <summary>report.html: one file that needs nothing else, no network and no script.</summary>
public static class ReportPage
{
    /// <summary>What the page of these runs and results shows, examples chosen.</summary>
    public static ReportModel Model(IReadOnlyList<RunResults> runs, ExperimentResults results, IItemCatalog catalog, DateTimeOffset now) =>
        new(
            runs.Count == 0 ? "" : runs[0].Plan.Experiment,
            [.. runs],
            results,
            ExamplePicker.Pick(runs, Headline.Split(results.Rows.Select(row => row.Split)), catalog),
            now);

    /// <summary>The page as HTML; everything that comes from a file is encoded.</summary>
    public static Task<string> RenderAsync(ReportModel model) => RenderAsync<ReportDocument>(model);

    /// <inheritdoc cref="RenderAsync(ReportModel)"/>
    public static Task<string> RenderAsync(StudyModel model) => RenderAsync<StudyDocument>(model);

    internal static async Task<string> RenderAsync<TDocument>(object model)
        where TDocument : IComponent
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["Model"] = model });
            var document = await renderer.RenderComponentAsync<TDocument>(parameters);
            return document.ToHtmlString();
        });
    }
}
