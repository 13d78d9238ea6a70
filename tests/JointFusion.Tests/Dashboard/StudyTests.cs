using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class StudyTests
{
    private static readonly string[] TwoStages = ["adaptation", "instruction"];

    [Fact]
    public void Should_confirm_all_claims_When_the_figures_are_as_the_paper_says()
    {
        var study = Of([.. Seeds(6).SelectMany(seed => (FixtureRun[])
            [Run(seed, Fusion.Early, TwoStages, composed: 0.6), Run(seed, Fusion.Score, TwoStages, composed: 0.3), Run(seed, Fusion.Early, ["instruction"], composed: 0.3, single: 0.2)])]);

        Assert.Equal(
            [("fusion_helps", StudyVerdict.Confirmed), ("no_difference", StudyVerdict.Confirmed), ("two_stages", StudyVerdict.Confirmed)],
            study.Claims.Select(claim => (claim.Id, claim.Verdict)));
        var helps = study.Claims[0].Parts.Single().Contrast;
        Assert.Equal(("early", "score", "adaptation+instruction", "needs fusion", 6), (helps.Left, helps.Right, helps.Both, helps.Group, helps.Seeds));
        Assert.InRange(helps.Low, 0.1, helps.Difference);
        Assert.Equal(helps.LeftValue - helps.RightValue, helps.Difference, tolerance: 1e-9);
        Assert.InRange(helps.BootstrapLow!.Value, helps.Low - 0.05, helps.Difference);
        Assert.Equal(0, study.Claims[1].Parts.Single().Contrast.Difference);
        Assert.Equal(["needs fusion", "needs no fusion"], study.Claims[2].Parts.Select(part => part.Contrast.Group).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Should_contradict_When_late_fusion_is_ahead()
    {
        var study = Of([.. Seeds(5).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.2, single: 0.1), Run(seed, Fusion.Feature, TwoStages, 0.6, single: 0.7)])]);
        Assert.Equal([StudyVerdict.Contradicted, StudyVerdict.Contradicted], study.Claims.Select(claim => claim.Verdict));
    }

    [Fact]
    public void Should_confirm_nothing_When_only_one_seed_is_evaluated()
    {
        var runs = Seeds(2).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.9), Run(seed, Fusion.Score, TwoStages, 0.1)]).ToArray();
        using var experiment = new TemporaryExperiment(runs);
        foreach (var run in runs.Where(run => run.Seed == 2))
            File.Delete(experiment.Folder.Run(run.Name).Evaluation);

        var study = Study.From(ExperimentReader.Read(experiment.Folder), TaskGroupsLoader.Default)!;

        Assert.Equal(2, study.Missing);
        Assert.All(study.Claims, claim => Assert.Equal(StudyVerdict.NotConfirmed, claim.Verdict));
        Assert.All(study.Contrasts, contrast => Assert.Equal(1, contrast.Seeds));
    }

    [Fact]
    public void Should_compare_common_seeds_of_one_ledger_alone()
    {
        FixtureRun[] runs =
        [
            .. Seeds(4).Select(seed => Run(seed, Fusion.Early, TwoStages, 0.6)),
            .. Seeds(3).Select(seed => Run(seed, Fusion.Score, TwoStages, 0.5) with { Ledger = seed == 2 ? "another" : $"ledger-{seed}" }),
        ];

        var study = Of(runs);

        Assert.All(study.Contrasts, contrast => Assert.Equal(2, contrast.Seeds));
        Assert.Equal("early-2-2 with score-2-2: ledger ledger-2 against another", Assert.Single(study.NotCompared));
    }

    /// <summary>An arm's rate was tuned for it; all that is compared of one arm at several rates is itself.</summary>
    [Fact]
    public void Should_compare_arms_at_rates_of_their_own()
    {
        FixtureRun[] tuned = [.. Seeds(3).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.6) with { LearningRate = 2e-3 }, Run(seed, Fusion.Score, TwoStages, 0.5)])];

        var study = Of(tuned);

        Assert.Empty(study.NotCompared);
        Assert.Equal(["adaptation+instruction"], study.Kinds.Select(kind => kind.Course).Distinct());
        Assert.Equal([("early", 2e-3), ("score", 1e-3)], study.Kinds.Select(kind => (kind.Arm, kind.LearningRates.Distinct().Single())));
        Assert.All(study.Contrasts, contrast => Assert.Equal(3, contrast.Seeds));

        var several = Of([.. tuned, .. tuned.Where(run => run.Fusion == Fusion.Early).Select(run => run with { Name = $"{run.Name}-slow", LearningRate = 1e-4 })]);

        Assert.Equal(3, several.Kinds.Select(kind => kind.Course).Distinct().Count());
        Assert.DoesNotContain(several.Contrasts, contrast => contrast.Between == "arms");
        Assert.Contains(several.Contrasts, contrast => contrast.Between == "courses");
        Assert.Empty(several.Claims); // Of two courses of two stages each, neither is the one of a single stage.
    }

    [Fact]
    public void Should_keep_the_control_out_of_every_claim()
    {
        var study = Of([.. Seeds(3).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.6), Run(seed, Fusion.Score, TwoStages, 0.5), Run(seed, Fusion.Early, ["instruction"], 0.5)])]);
        Assert.DoesNotContain(study.Claims.SelectMany(claim => claim.Parts), part => part.Contrast.Group == "control");
        Assert.Contains(study.Contrasts, contrast => contrast is { Group: "control", IsGroup: true });
    }

    [Fact]
    public void Should_be_none_When_there_is_one_seed_or_the_same_run_twice()
    {
        Assert.Null(Maybe(SampleExperiment.Runs()));
        Assert.Null(Maybe([Run(1, Fusion.Early, TwoStages, 0.5), Run(2, Fusion.Early, TwoStages, 0.5), Run(2, Fusion.Early, TwoStages, 0.5) with { Name = "again" }]));
    }

    [Fact]
    public void Should_correct_over_the_rows_of_a_comparison()
    {
        var study = Of([.. Seeds(4).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.6), Run(seed, Fusion.Score, TwoStages, 0.5)])]);
        var rows = study.Contrasts.Where(contrast => !contrast.IsGroup && contrast.Condition == study.Headline).ToList();
        Assert.Equal(4, rows.Count);
        Assert.Equal(Holm.Adjust([.. rows.Select(row => row.P)]), rows.Select(row => row.PHolm!.Value));
    }

    [Fact]
    public async Task Should_write_page_and_figures_and_follow_the_users_grouping_When_the_experiment_ends()
    {
        using var experiment = new TemporaryExperiment([.. Seeds(3).SelectMany(seed => (FixtureRun[])[Run(seed, Fusion.Early, TwoStages, 0.7), Run(seed, Fusion.Score, TwoStages, 0.4)])]);
        await File.WriteAllTextAsync(experiment.Folder.TaskGroups, "{ margin: 0.05, groups: [{ name: only <b>adding</b>, claim: fusion_helps, rows: [{ task: 7, operations: [add] }] }] }", TestContext.Current.CancellationToken);

        var summary = await ExperimentOutput.WriteAsync(experiment.Folder, new FixtureCatalog(), TimeProvider.System);

        var page = await File.ReadAllTextAsync(experiment.Folder.Report, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>adding", page, StringComparison.Ordinal);
        Assert.Contains("only &lt;b&gt;adding&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Contains("What the paper claims, and what was found", page, StringComparison.Ordinal);
        Assert.Contains("Where the arms differ", page, StringComparison.Ordinal);
        var study = JsonSerializer.Deserialize<Study>(await File.ReadAllTextAsync(experiment.Folder.Study, TestContext.Current.CancellationToken), JointFusionJson.File)!;
        Assert.Equal(["only <b>adding</b>"], study.Contrasts.Select(contrast => contrast.Group).Distinct());
        Assert.Equal(0.05, study.Margin);
        Assert.Equal(summary.Study!.Contrasts, study.Contrasts);
        Assert.True(File.Exists(experiment.Folder.Results));
    }

    private static Study Of(FixtureRun[] runs) => Maybe(runs) ?? throw new InvalidOperationException("No study.");

    private static Study? Maybe(FixtureRun[] runs)
    {
        using var experiment = new TemporaryExperiment(runs);
        return Study.From(ExperimentReader.Read(experiment.Folder), TaskGroupsLoader.Default);
    }

    private static IEnumerable<int> Seeds(int count) => Enumerable.Range(1, count);

    /// <summary>Task 3 is found alike by all of one skill; what is found of task 7 hangs on seed and arm.</summary>
    private static FixtureRun Run(int seed, Fusion fusion, string[] stages, double composed, double single = 0.5)
    {
        var random = new Random((100 * seed) + (10 * (int)fusion) + stages.Length);
        var queries = new[] { "add", "remove", "toggle" }.SelectMany(operation => Enumerable.Range(0, 60).Select(i =>
                new FixtureQuery($"{operation}-{i}", 7, operation, $"concept-{i / 2}", random.NextDouble() < composed ? 1 : null)))
            .Concat(Enumerable.Range(0, 60).Select(i => new FixtureQuery($"caption-{i}", 3, "caption", $"concept-{i / 2}", i < single * 60 ? 2 : null)));
        return new FixtureRun($"{fusion.ToString().ToLowerInvariant()}-{stages.Length}-{seed}", fusion) { Seed = seed, Ledger = $"ledger-{seed}", Stages = [.. stages], Queries = [.. queries] };
    }
}
