using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

public sealed class BackboneVerbTests : IDisposable
{
    private static readonly string Goldens = Path.Combine(AppContext.BaseDirectory, "Goldens", "Backbones");
    private readonly string broken = Directory.CreateTempSubdirectory("jf-test-").FullName;

    public void Dispose() => Directory.Delete(broken, recursive: true);

    [Fact]
    public async Task Should_print_errors_beside_tolerances_and_coverage_When_all_sets_are_equal()
    {
        var ended = await JfProcess.RunAsync(broken, "backbone", "check", Goldens);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Matches(@"  one_image\.hidden_states\.1 +error \d\.\de-\d\d  tolerance \d\.\de-\d\d +720 numbers  equal", ended.Output);
        Assert.Contains("paligemma: 23 of 23 tensors in 6 cases, 32,254 numbers: equal", ended.Output, StringComparison.Ordinal);
        Assert.Equal(154, ended.Output.Split('\n').Count(line => line.EndsWith("numbers  equal", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Should_end_with_1_and_name_the_tensors_When_one_fails()
    {
        Copy("gemma");
        ChangeConfig("0.015", "0.01");
        var ended = await JfProcess.RunAsync(broken, "backbone", "check", broken, "--json");
        Assert.Equal(1, ended.ExitCode);
        var report = Assert.Single(JsonSerializer.Deserialize<GoldenReport[]>(ended.Output, JointFusionJson.File)!);
        Assert.All(report.Cases.SelectMany(@case => @case.Tensors), tensor => Assert.Equal(tensor.Tensor.EndsWith("hidden_states.0", StringComparison.Ordinal), tensor.Holds));
    }

    [Fact]
    public async Task Should_end_with_2_and_name_the_file_When_the_folder_cannot_be_used()
    {
        Copy("gemma");
        File.Delete(Path.Combine(broken, "model.safetensors"));
        var ended = await JfProcess.RunAsync(broken, "backbone", "check", broken);
        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith($"{broken}: holds 2 files *.safetensors and no index of them", ended.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await JfProcess.RunAsync(broken, "backbone", "check", Path.Combine(broken, "nowhere"))).ExitCode);
    }

    private void Copy(string set)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Goldens, set)))
            File.Copy(file, Path.Combine(broken, Path.GetFileName(file)));
    }

    private void ChangeConfig(string from, string to)
    {
        var config = Path.Combine(broken, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace(from, to, StringComparison.Ordinal));
    }
}
