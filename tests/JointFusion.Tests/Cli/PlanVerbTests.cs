using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class PlanVerbTests
{
    private static readonly string Grid = SpecTexts.WithGrid("retriever.fusion: [early, score, feature], retriever.matching: [parameters]");

    [Fact]
    public async Task Should_print_runs_stages_and_conditions_when_people_read_it()
    {
        using var run = new CliRun(Grid);

        var code = await run.Jf("plan", run.Spec);

        Assert.Equal(ExitCode.Ok, code);
        Assert.Empty(run.Error);
        var early = Plans.Of(SpecTexts.Spec(SpecTexts.Valid));
        var line = Assert.Single(run.Out.Split('\n'), line => line.TrimStart().StartsWith("early ", StringComparison.Ordinal));
        Assert.Contains($"{early.Retriever.Parameters:N0}", line);
        Assert.Contains("2x96, mlp 192", line);
        Assert.Contains(early.ScienceHash, line);
        Assert.Contains(early.PlanHash, line);
        Assert.Contains("score, equal parameters", run.Out);
        Assert.Contains("1.0e-3, 5 warm-up, cosine", run.Out);
        Assert.Contains("2 workers on cpu, threads each: 2", run.Out);
        Assert.Contains("shared_memory", run.Out);
        Assert.Contains("splits test, unseen; pools local", run.Out);
        Assert.Contains("Note: early: retriever.matching is dropped", run.Out);
    }

    [Fact]
    public async Task Should_print_groups_with_their_parameters_when_a_stage_has_rules()
    {
        using var run = new CliRun(SpecTexts.With("schedule: constant }", "schedule: constant, layer_decay: 0.5, parameters: [{ match: '*.text.*', frozen: true }] }"));

        var code = await run.Jf("plan", run.Spec);

        Assert.Equal(ExitCode.Ok, code);
        Assert.DoesNotContain("adaptation  x", string.Join('\n', run.Out.Split('\n').Select(line => string.Join("  ", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))), StringComparison.Ordinal);
        string[][] groups = [.. run.Out.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(cells => cells is ["instruction", ['x' or 'f', ..], ..])];
        Assert.Equal(["x1", "x1", "x0.5", "x0.5", "x0.25", "x0.25", "x0.125", "x0.125", "frozen"], groups.Select(cells => cells[1]));
        Assert.Equal(["0.05", "0", "0.05", "0"], groups.Take(4).Select(cells => cells[2]));
        Assert.Equal(["-", "2", $"{(1_500 + Plans.Of(SpecTexts.Spec(SpecTexts.Valid)).Retriever.Shape.MaxTextTokens) * 96:N0}", "encoder.text.places_TW", "all"], groups[^1][2..]);
    }

    [Fact]
    public async Task Should_print_what_each_run_was_given_when_trials_are_drawn()
    {
        using var run = new CliRun(SpecTexts.WithSweep(
            "grid: { 'stages[1].learning_rate': [1.0e-3, 5.0e-4] }, random: { trials: 2, seed: 7, keys: { 'stages[0].learning_rate': { log_uniform: [1.0e-4, 3.0e-3] } } }, limits: { device_hours: 1.5 }"));

        var code = await run.Jf("plan", run.Spec);

        Assert.Equal(ExitCode.Ok, code);
        var rows = run.Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("Run stages[0].learning_rate stages[1].learning_rate", rows);
        Assert.Contains("learning_rate1.0e-3-trial1 0.0002688 1.0e-3", rows);
        Assert.Contains("learning_rate5.0e-4-trial2 0.00106 5.0e-4", rows);
        Assert.Contains("through stage adaptation, by one for all of them", run.Out, StringComparison.Ordinal);
        Assert.Contains("1.5 device-hours for all runs together", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_number_the_runs_when_their_names_are_too_long_for_a_table()
    {
        using var run = new CliRun(SpecTexts.WithSweep(
            "grid: { seed: [1, 2, 3, 4, 5, 6, 7] }, zip: { 'stages[0].learning_rate': [1.0e-3, 5.0e-4], 'stages[1].learning_rate': [1.0e-3, 5.0e-4] }"));

        Assert.Equal(ExitCode.Ok, await run.Jf("plan", run.Spec));

        var rows = run.Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("Run 14 seed7-stages0.learning_rate5.0e-4-stages1.learning_rate5.0e-4", rows);
        Assert.Contains("14 7 5.0e-4 5.0e-4", rows);
        Assert.Contains("Seed 2 (runs 3-4)", rows);
        Assert.Single(rows, row => row.StartsWith("adaptation ", StringComparison.Ordinal) && row.Contains("1.0e-3", StringComparison.Ordinal) && row.EndsWith(" 1, 3, 5, 7, 9 and 2 more", StringComparison.Ordinal));
        Assert.Equal(14, rows.Count(row => row.Contains("-stages0", StringComparison.Ordinal))); // A name stands once.
    }

    [Fact]
    public async Task Should_print_whole_plans_when_json_is_asked_for()
    {
        using var run = new CliRun(Grid);

        var code = await run.Jf("plan", run.Spec, "--json");

        Assert.Equal(ExitCode.Ok, code);
        using var json = JsonDocument.Parse(run.Out);
        var plans = json.RootElement.GetProperty("runs").Deserialize<RunPlan[]>(JointFusionJson.Line)!;
        Assert.Equal(["early", "score-matchingparameters", "feature-matchingparameters"], plans.Select(plan => plan.Run));
        Assert.Equal(Plans.Of(SpecTexts.Spec(SpecTexts.Valid)).PlanHash, plans[0].PlanHash);
        Assert.Equal(1, json.RootElement.GetProperty("notes").GetArrayLength());
    }

    [Fact]
    public async Task Should_ask_for_the_data_once_and_for_no_file_when_all_runs_share_it()
    {
        using var run = new CliRun(Grid);

        await run.Jf("plan", run.Spec);

        Assert.Equal([new DataSpec { Source = DataSource.Icons, ImageSize = 32 }], run.Data.Asked);
        Assert.Equal(0, run.Data.Prepared);
    }

    [Fact]
    public async Task Should_list_faults_and_touch_nothing_when_the_spec_is_wrong()
    {
        using var run = new CliRun(SpecTexts.Valid.Replace("keep: 3", "keep: 1").Replace("seed: 7", "sede: 7"));

        var code = await run.Jf("plan", run.Spec);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Empty(run.Out);
        Assert.Equal(
            [$"{run.Spec}:2:1: sede", $"{run.Spec}:14:39: checkpoints.keep"],
            run.Error.TrimEnd().Split('\n').Select(line => string.Join(':', line.Split(':')[..4])));
        Assert.Empty(run.Data.Asked);
        Assert.Empty(run.Created);
    }

    [Fact]
    public async Task Should_name_the_spec_when_the_data_lacks_what_it_asks_for()
    {
        using var run = new CliRun(SpecTexts.With("tasks: [0, 3]", "tasks: [0, 4]"));

        var code = await run.Jf("plan", run.Spec);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Equal($"{run.Spec}: run early: stages[0].tasks: the data set has no training query of task 4; it has those of 0, 3, 7\n", run.Error);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("pln")]
    [InlineData("plan", "a.yaml", "--jsn")]
    [InlineData]
    public async Task Should_end_with_2_and_point_at_the_help_when_the_arguments_are_wrong(params string[] args)
    {
        using var run = new CliRun();

        var code = await run.Jf(args);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.StartsWith("jf: ", run.Error);
        Assert.Contains("--help'", run.Error);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("--help", "Exit codes: 0 done, 1 a run failed or a checkpoint is torn, 2 bad input and nothing started, 3 the server is away, 130 interrupted.")]
    [InlineData("plan --help", "jf plan experiments/quickstart.yaml --json")]
    public async Task Should_show_examples_and_exit_codes_when_help_is_asked_for(string args, string expected)
    {
        using var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.Jf(args.Split(' ')));
        Assert.Contains(expected, run.Out);
        Assert.Empty(run.Error);
        Assert.InRange(run.Out.Count(letter => letter == '\n'), 10, 60); // A line a verb, and some more.
    }
}
