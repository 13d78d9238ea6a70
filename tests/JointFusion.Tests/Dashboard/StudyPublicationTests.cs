using System.Xml.Linq;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public sealed class StudyPublicationTests : IDisposable
{
    private readonly CliRun cli = new();
    private readonly SmallSet data = new();
    private readonly string published = Path.Combine(Path.GetTempPath(), $"jf-published-{Guid.NewGuid():N}");

    public void Dispose()
    {
        cli.Dispose();
        data.Dispose();
        if (Directory.Exists(published)) Directory.Delete(published, recursive: true);
    }

    [Fact]
    public async Task Should_leave_figures_picture_and_tables_that_follow_from_the_figures_alone()
    {
        using var experiment = new TemporaryExperiment([.. from seed in (int[])[1, 2, 3] from run in Runs(seed) select run]);

        Assert.Equal(0, await cli.Jf("report", experiment.Folder.Path, "--publish", published));

        var study = Assert.Single(StudyPublication.Read(published));
        Assert.Contains($"Tables:  {Path.Combine(published, "README.md")}", cli.Out, StringComparison.Ordinal);
        Assert.Equal(await Text("README.md"), StudyTables.Page([study]));
        Assert.Equal(await Text(study.Experiment, "forest.svg"), await StudyPublication.FigureAsync(study));
        Assert.Equal(await Text(study.Experiment, "results.json"), await File.ReadAllTextAsync(experiment.Folder.Study, TestContext.Current.CancellationToken));

        var part = study.Claims.Single(claim => claim.Id == "fusion_helps").Parts[0].Contrast;
        var cell = $"{(part.PHolm < 0.05 ? "**" : "")}{100 * part.Difference:+0.0;−0.0;0.0}";
        Assert.Contains($"| early − score | {cell}", StudyTables.Overview([study], study.Headline), StringComparison.Ordinal);

        var figure = XDocument.Parse(await Text(study.Experiment, "forest.svg"));
        var plotted = study.Contrasts.Count(c => c.Between == "arms" && c.IsGroup && c.Condition is { OwnImageInPool: false, Targets: "all" });
        Assert.Equal(plotted, figure.Descendants().Count(element => (string?)element.Attribute("class") == "interval"));
    }

    [Fact]
    public async Task Should_keep_the_other_studies_and_replace_its_own()
    {
        using var experiment = new TemporaryExperiment([.. from seed in (int[])[1, 2] from run in Runs(seed) select run]);
        await cli.Jf("report", experiment.Folder.Path, "--publish", published);
        var study = Assert.Single(StudyPublication.Read(published));

        await StudyPublication.AddAsync(study with { Experiment = "another" }, published);
        await cli.Jf("report", experiment.Folder.Path, "--publish", published);

        Assert.Equal(["another", study.Experiment], StudyPublication.Read(published).Select(one => one.Experiment).Order(StringComparer.Ordinal));
        Assert.Contains("(another/forest.svg)", await Text("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_name_what_is_in_the_way()
    {
        using var one = new TemporaryExperiment([.. Runs(1)]);
        Assert.Equal(2, await cli.Jf("report", one.Folder.Path, "--publish", published));
        Assert.Contains("not a study", cli.Error, StringComparison.Ordinal);

        using var experiment = new TemporaryExperiment([.. from seed in (int[])[1, 2] from run in Runs(seed) select run]);
        var damaged = Path.Combine(Directory.CreateDirectory(Path.Combine(published, "torn")).FullName, "results.json");
        foreach (var text in (string[])["{ \"schema\": 1,", "{}", "null", "{ \"schema\": 1, \"experiment\": \"torn\" }"])
        {
            await File.WriteAllTextAsync(damaged, text, TestContext.Current.CancellationToken);
            Assert.Equal(2, await cli.Jf("report", experiment.Folder.Path, "--publish", published));
            Assert.EndsWith("or take its folder away.", cli.Error.TrimEnd(), StringComparison.Ordinal);
        }
        Assert.Contains($"{damaged}: not a study's results", cli.Error, StringComparison.Ordinal);

        Assert.Equal(2, await cli.Jf("report", experiment.Folder.Path, "--publish", damaged));
        Assert.Contains($"--publish {damaged}: cannot be written", cli.Error, StringComparison.Ordinal);
    }

    private Task<string> Text(params string[] path) => File.ReadAllTextAsync(Path.Combine([published, .. path]), TestContext.Current.CancellationToken);

    private IEnumerable<FixtureRun> Runs(int seed) =>
        SampleExperiment.Runs().Take(2).Select(run => run with { Name = $"{run.Fusion}-{seed}", Seed = seed, Splits = ["test"], DataRoot = data.Root });
}
