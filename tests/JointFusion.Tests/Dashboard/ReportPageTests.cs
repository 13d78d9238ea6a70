using System.Text.RegularExpressions;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public partial class ReportPageTests
{
    [Fact]
    public async Task Should_need_no_network_and_no_script()
    {
        var page = await Sample();

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\son\w+=", page);
        var addresses = Addresses().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.True(addresses.Count > 100, $"{addresses.Count} pictures and links");
        Assert.All(addresses, address => Assert.True(address.StartsWith("data:", StringComparison.Ordinal) || address.StartsWith('#'), address));
        Assert.DoesNotMatch(@"url\((?!data:)", page);
    }

    [Fact]
    public async Task Should_encode_hostile_names_and_texts()
    {
        const string Hostile = "<img src=x onerror=alert(1)>\"'&";
        var run = SampleExperiment.Runs()[0] with { Experiment = Hostile, Splits = [Hostile], Manifest = Hostile };
        run = run with { Queries = [.. run.Queries.Select(query => query with { Operation = Hostile, Concept = Hostile })] };
        var late = run with { Name = "score", Fusion = Fusion.Score };

        var page = await Render(run, late, late with { Name = "feature", Fusion = Fusion.Feature, Ledger = Hostile });

        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        // Quoted values aside, since a quote in a name is encoded: no tag has gained an attribute.
        Assert.DoesNotMatch(@"<[^>]*\sonerror=", Regex.Replace(page, "\"[^\"]*\"", "\"\""));
        Assert.True(Regex.Count(page, "&lt;img src=x onerror=alert\\(1\\)&gt;") > 10);
    }

    [Fact]
    public async Task Should_tell_the_fourth_arm_apart_when_it_is_compared()
    {
        var early = SampleExperiment.Runs()[0];

        var page = await Render(early, early with { Name = "isolated", Fusion = Fusion.Isolated });

        Assert.Contains("isolated parts in the early tower", page, StringComparison.Ordinal);
        Assert.Contains("early \u2212 isolated", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("class=\"key fusion-isolated\"", page, StringComparison.Ordinal);
        Assert.Contains("--isolated:", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_show_the_control_apart_and_never_in_the_forest()
    {
        var page = await Sample();

        Assert.Contains("Control: toggle", page, StringComparison.Ordinal);
        Assert.Contains(Operations.ControlNote, page, StringComparison.Ordinal);
        var forests = Forests().Matches(page).Select(match => match.Value).ToList();
        Assert.Equal(2, forests.Count);
        Assert.All(forests, forest => Assert.DoesNotContain("· toggle", forest, StringComparison.Ordinal));
        Assert.All(forests, forest => Assert.Contains("7 &#xB7; all but toggle", forest, StringComparison.Ordinal));
        Assert.All(forests, forest => Assert.DoesNotContain("whole task", forest, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Should_name_every_condition_the_figures_hold_under()
    {
        var page = await Sample();

        foreach (var condition in (string[])["icons@1f2e3d4c5b6a", "ledger-a", "plan-of-ear", "science-of-e", "Instructions", "UniIR's", "bootstrap over concepts", "Pool size"])
            Assert.Contains(condition, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_say_that_runs_are_missing_when_not_all_are_evaluated()
    {
        using var experiment = new TemporaryExperiment(SampleExperiment.Runs());
        File.Delete(experiment.Folder.Run("feature").Evaluation);

        await ExperimentOutput.WriteAsync(experiment.Folder, new FixtureCatalog(), TimeProvider.System);

        var page = await File.ReadAllTextAsync(experiment.Folder.Report, TestContext.Current.CancellationToken);
        Assert.Contains("<strong>Not complete.</strong> Without an evaluation, and so in no table below: feature.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_say_which_runs_were_not_compared_and_why()
    {
        var runs = SampleExperiment.Runs();

        var page = await Render(runs[0], runs[1] with { Ledger = "ledger-b" });

        Assert.Contains("early with score: ledger ledger-a against ledger-b", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_choose_the_same_examples_whatever_the_outcomes_were()
    {
        var runs = SampleExperiment.Runs();
        var other = runs.Select(run => run with { Queries = [.. run.Queries.Select(query => query with { Rank = null })] }).ToArray();

        var (a, b) = (SampleModel.Examples, Model(other).Examples);

        Assert.Equal(12, a.Length);
        Assert.Equal(a.Select(example => example.QueryId), b.Select(example => example.QueryId));
        // Six composed operations beside the control: each twice.
        Assert.All(a.CountBy(example => (example.Task, example.Operation)), count => Assert.Equal(2, count.Value));
        Assert.DoesNotContain(a, example => example.Operation == "toggle");
    }

    [Fact]
    public void Should_outline_exactly_the_relevant_ones()
    {
        var examples = SampleModel.Examples;

        foreach (var list in examples.SelectMany(example => example.Lists))
        {
            var hits = list.Items.Select((item, i) => (item.Hit, Rank: i + 1)).Where(item => item.Hit).Select(item => item.Rank);
            Assert.Equal(list.Rank is { } rank and <= 5 ? [rank] : [], hits);
        }
    }

    private static readonly ReportModel SampleModel = Model(SampleExperiment.Runs());

    private static Task<string> Sample() => ReportPage.RenderAsync(SampleModel);

    private static Task<string> Render(params FixtureRun[] runs) => ReportPage.RenderAsync(Model(runs));

    private static ReportModel Model(params FixtureRun[] fixtures)
    {
        using var experiment = new TemporaryExperiment(fixtures);
        var runs = ExperimentReader.Read(experiment.Folder);
        return ReportPage.Model(runs, ExperimentResults.From(runs), new FixtureCatalog(), DateTimeOffset.UnixEpoch);
    }

    [GeneratedRegex("(?:src|href|srcset|data|action)=\"([^\"]*)\"")]
    private static partial Regex Addresses();

    [GeneratedRegex("<svg viewBox=\"[^\"]*\" role=\"img\" aria-label=\"Early minus.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Forests();
}
