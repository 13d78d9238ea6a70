using System.Globalization;
using System.Text;
using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary><c>jf metrics</c>: what leaves in other programs' formats is what the run has measured.</summary>
public sealed class MetricsVerbTests : IDisposable
{
    private static readonly FixtureRun Early = new("early", Fusion.Early) { Queries = [new("q1", 7, "add", "calendar", 1), new("q2", 7, "add", "cloud", 9)] };

    private readonly TemporaryExperiment experiment = new(Early, Early with { Name = "score", Fusion = Fusion.Score, Steps = 12 });
    private readonly CliRun cli = new();

    public MetricsVerbTests() => File.WriteAllText(experiment.Folder.Spec, SpecTexts.Valid);

    public void Dispose()
    {
        cli.Dispose();
        experiment.Dispose();
    }

    private string Out => Path.Combine(experiment.Folder.Path, "out");

    /// <summary>Of the format's own documentation: CRC-32C of "123456789" is 0xE3069283.</summary>
    [Fact]
    public void Should_be_the_published_checksum_When_masked() =>
        Assert.Equal(unchecked(((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xa282ead8u), TensorBoardFile.MaskedCrc(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public async Task Should_write_every_step_as_events_When_asked_for_tensorboard()
    {
        await Ok(experiment.Folder.Path, "--tensorboard", Out);
        await Ok(experiment.Folder.Path, "--tensorboard", Out);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(Out, "early")));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(file), StringComparison.Ordinal);
        var events = EventReader.Read(Bytes(file));
        Assert.Equal("brain.Event:2", events[0].Version);
        var steps = events.Where(read => read.Values.Any(value => value.Tag == "loss")).ToArray();
        Assert.Equal(Enumerable.Range(1, Early.Steps).Select(step => (long)step), steps.Select(read => read.Step));
        Assert.Equal(Enumerable.Range(1, Early.Steps).Select(step => (float)Early.Step(step).Loss), steps.Select(read => read.Values.Single(value => value.Tag == "loss").Value));
        Assert.Equal(Enumerable.Range(1, Early.Steps).Select(step => (double)step), steps.Select(read => read.WallTime));
        Assert.Equal(0.5f, events.SelectMany(read => read.Values).Single(value => value.Tag == "evaluation/test/local/task_7/add/recall_at_5").Value);
        Assert.Equal(12, EventReader.Read(Bytes(Directory.GetFiles(Path.Combine(Out, "score")).Single())).Count(read => read.Values.Any(value => value.Tag == "loss")));
    }

    [Fact]
    public async Task Should_write_metrics_parameters_and_tags_When_asked_for_mlflow()
    {
        await Ok(experiment.Folder.Path, "--mlflow", Out);
        await Ok(experiment.Folder.Path, "--mlflow", Out);

        var of = Assert.Single(Directory.GetDirectories(Out));
        Assert.Contains("name: \"fixture\"", Text(Path.Combine(of, "meta.yaml")), StringComparison.Ordinal);
        var runs = Directory.GetDirectories(of);
        Assert.Equal(["early", "score"], runs.Select(run => Text(Path.Combine(run, "tags", "mlflow.runName"))).Order());
        var early = runs.Single(run => Text(Path.Combine(run, "params", "fusion")) == "early");
        var meta = Lines(Path.Combine(early, "meta.yaml"));
        Assert.Contains($"run_id: \"{Path.GetFileName(early)}\"", meta);
        Assert.Contains($"experiment_id: \"{Path.GetFileName(of)}\"", meta);
        Assert.Contains("status: 3", meta);
        var losses = Lines(Path.Combine(early, "metrics", "loss")).Select(line => line.Split(' ')).ToArray();
        Assert.Equal(Early.Steps, losses.Length);
        Assert.Equal(("7000", Early.Step(7).Loss, "7"), (losses[6][0], double.Parse(losses[6][1], CultureInfo.InvariantCulture), losses[6][2]));
        Assert.Equal("0.001", Text(Path.Combine(early, "params", "stages.1.learning_rate")));
        Assert.True(File.Exists(Path.Combine(early, "metrics", "evaluation.test.local.task_7.add.recall_at_5")));
    }

    [Fact]
    public async Task Should_print_a_line_a_step_When_asked_for_csv()
    {
        await Ok(experiment.Folder.Path, "--csv");

        var lines = cli.Out.TrimEnd().Split('\n').Select(line => line.TrimEnd().Split(',')).ToArray();
        Assert.Equal(1 + Early.Steps + 12, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        var loss = Array.IndexOf(lines[0], "loss");
        Assert.Equal(("early", "3", Early.Step(3).Loss), (lines[3][0], lines[3][2], double.Parse(lines[3][loss], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Should_stay_on_one_screen_When_a_run_is_long()
    {
        await Ok(experiment.Folder.Run("early").Path);

        Assert.Contains("fixture, run early: step 40 of 40", cli.Out);
        Assert.InRange(cli.Out.Split('\n').Length, 17, 24);
        using var json = new CliRun();
        Assert.Equal(ExitCode.Ok, await json.Jf("metrics", experiment.Folder.Run("early").Path, "--json"));
        Assert.Equal(40, JsonDocument.Parse(json.Out).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Should_name_the_way_out_When_there_is_nothing_to_show()
    {
        await Refused("2 runs: name one of them", experiment.Folder.Path);
        await Refused("there is no such folder", Path.Combine(experiment.Folder.Path, "nowhere"));
        File.Delete(experiment.Folder.Run("score").Metrics);
        await Refused("no step yet", experiment.Folder.Run("score").Path);
        await Refused("--csv and --json both print", experiment.Folder.Run("early").Path, "--csv", "--json");
    }

    private static string Text(string path) => File.ReadAllText(path);

    private static string[] Lines(string path) => File.ReadAllLines(path);

    private static byte[] Bytes(string path) => File.ReadAllBytes(path);

    private async Task Ok(params string[] arguments) => Assert.True(await cli.Jf(["metrics", .. arguments]) == ExitCode.Ok, cli.Error);

    private async Task Refused(string words, params string[] arguments)
    {
        Assert.Equal(ExitCode.BadInput, await cli.Jf(["metrics", .. arguments]));
        Assert.Contains(words, cli.Error);
        Assert.Empty(cli.Out);
    }
}
