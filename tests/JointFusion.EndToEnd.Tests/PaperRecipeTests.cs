using System.Globalization;
using System.Text.RegularExpressions;
using JointFusion.Numerics.Tests;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Every recipe of experiments/paper, two steps of it on a tiny checkpoint of its model's family: what stays of it is all but sizes, data and devices.</summary>
public sealed partial class PaperRecipeTests
{
    private static readonly string Data = TinySet.Create();

    public static TheoryData<string> Recipes => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "paper"), "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Should_FindTheRecipes_When_TheyAreBesideTheTests() => Assert.Equal(["lamra", "uniir-clip-ff", "uniir-clip-sf", "vlm2vec-v2"], Recipes.Select(row => row.Data));

    [Theory, MemberData(nameof(Recipes))]
    public async Task Should_TakeTwoSteps_When_TheModelIsTiny(string recipe)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "paper", $"{recipe}.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains($"# dotnet run -c Release --project src/JointFusion.Cli -- run experiments/paper/{recipe}.yaml", text.Replace("#   ", "# ", StringComparison.Ordinal), StringComparison.Ordinal);
        var model = TinyBackbone.Create(recipe.StartsWith("uniir", StringComparison.Ordinal) ? "clip" : "qwen2_vl", Path.Combine(TestPaths.NewFolder("model"), "model"));

        var small = new SmallExperiment(Small(text, model));
        var ended = await small.RunAsync();

        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Equal(2, small.Metrics(Fusion().Match(text).Groups["fusion"].Value).Count);
    }

    private static string Small(string text, string model)
    {
        var stages = Steps().Count(text);
        Assert.InRange(stages, 1, 2);
        text = Backbone().Replace(text, $"backbone: {model}");
        text = Root().Replace(text, $"root: {Data}");
        text = Steps().Replace(text, string.Create(CultureInfo.InvariantCulture, $"steps: {2 / stages}"));
        text = Batch().Replace(text, "global_batch: 4");
        text = Tasks().Replace(text, "tasks: [0, 3]");
        text = Splits().Replace(text, "splits: [val]");
        text = Sized().Replace(text, "");
        text = Resources().Replace(text, "resources: { workers: 1 }");
        return text;
    }

    [GeneratedRegex(@"backbone: [^\s,]+")]
    private static partial Regex Backbone();

    [GeneratedRegex(@"root: [^\s,}]+")]
    private static partial Regex Root();

    [GeneratedRegex(@"(?<!\w)steps: \d+")]
    private static partial Regex Steps();

    [GeneratedRegex(@"global_batch: \d+")]
    private static partial Regex Batch();

    [GeneratedRegex(@"tasks: \[[^\]]*\]")]
    private static partial Regex Tasks();

    [GeneratedRegex(@"splits: \[[^\]]*\]")]
    private static partial Regex Splits();

    /// <summary>Keys whose values have no sense at this size.</summary>
    [GeneratedRegex(@"(max_pixels|max_text_tokens|sub_batch|warmup_steps): \d+, ")]
    private static partial Regex Sized();

    [GeneratedRegex(@"resources: \{[^}]*\}")]
    private static partial Regex Resources();

    [GeneratedRegex(@"fusion: (?<fusion>early|score|feature)")]
    private static partial Regex Fusion();
}
