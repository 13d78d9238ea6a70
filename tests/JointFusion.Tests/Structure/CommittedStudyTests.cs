using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What the repository says of the fusion study is what its results say.</summary>
public sealed class CommittedStudyTests
{
    private static readonly string Folder = Repository.In("docs", "results");

    [Fact]
    public async Task Should_follow_from_the_results_When_a_page_or_picture_shows_them()
    {
        var studies = StudyPublication.Read(Folder);
        Assert.Equal(["fusion-study", "fusion-study-emoji"], studies.Select(study => study.Experiment));
        Assert.Equal(StudyTables.Page(studies), await Read("README.md"));
        foreach (var study in studies)
            Assert.Equal(await StudyPublication.FigureAsync(study), await Read(study.Experiment, StudyPublication.Figure));
    }

    [Fact]
    public async Task Should_be_the_results_tables_When_the_readme_begins_with_them()
    {
        var studies = StudyPublication.Read(Folder);
        var readme = await File.ReadAllTextAsync(Repository.In("README.md"), TestContext.Current.CancellationToken);
        var overview = StudyTables.Overview(studies, studies[0].Headline);
        Assert.Contains(overview, readme, StringComparison.Ordinal);
        Assert.Equal(readme.IndexOf("\n|", StringComparison.Ordinal) + 1, readme.IndexOf(overview, StringComparison.Ordinal));
        Assert.Contains(StudyTables.Claims(studies), readme, StringComparison.Ordinal);
    }

    private static Task<string> Read(params string[] path) => File.ReadAllTextAsync(Path.Combine([Folder, .. path]), TestContext.Current.CancellationToken);
}
