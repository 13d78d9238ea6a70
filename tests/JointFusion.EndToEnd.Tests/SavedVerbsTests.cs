using System.Text.Json;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The verbs for what has been trained, on an experiment that is over: as its user types them.</summary>
public sealed class SavedVerbsTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private string Early => undisturbed.Experiment.Result.Run("early").Path;

    private string Picture => Directory.GetFiles(Path.Combine(undisturbed.Data, "mbeir_images"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    [Fact]
    public async Task Should_FindCandidatesByTextPictureAndBoth_When_Searched()
    {
        var text = await JsonAsync("search", Early, "--text", "a red heart", "--task", "0", "--json");
        var picture = await JsonAsync("search", Early, "--image", Picture, "--task", "3", "--top", "4", "--json");
        var both = await JsonAsync("search", Early, "--image", Picture, "--text", "Add an arrow.", "--task", "7", "--json");

        Assert.Equal((10, "image"), (Hits(text).Length, Hits(text).Select(hit => hit.GetProperty("modality").GetString()).Distinct().Single()));
        Assert.Equal((4, "text"), (Hits(picture).Length, Hits(picture).Select(hit => hit.GetProperty("modality").GetString()).Distinct().Single()));
        Assert.Equal(10, Hits(both).Length);
        Assert.True(both.GetProperty("own_picture_left_out").GetBoolean());
        Assert.NotNull(both.GetProperty("instruction").GetString());
        foreach (var answer in (JsonElement[])[text, picture, both])
        {
            var scores = Hits(answer).Select(hit => hit.GetProperty("score").GetDouble()).ToArray();
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.All(Hits(answer), hit => Assert.True(hit.GetProperty("image").GetString() is not { } image || File.Exists(Path.Combine(undisturbed.Data, image))));
        }
    }

    [Fact]
    public async Task Should_PrintATableAndEmbedOnce_When_SearchedTwice()
    {
        var step = $"step-{SmallExperiment.Steps - 5:D6}";
        var first = await JfAsync("search", Path.Combine(Early, "checkpoints", step), "--text", "a red heart", "--top", "3");
        var second = await JfAsync("search", Early, "--checkpoint", $"{SmallExperiment.Steps - 5}", "--text", "a red heart", "--top", "3");

        Assert.Equal(first.Output, second.Output);
        Assert.Contains($"small, run early, step {SmallExperiment.Steps - 5}, among", first.Output, StringComparison.Ordinal);
        Assert.Equal(3, first.Output.Split('\n').Count(line => line.TrimStart().Length > 0 && char.IsAsciiDigit(line.TrimStart()[0])));
        Assert.Contains("embedding the candidates", first.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("embedding the candidates", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_SayWhatIsWrong_When_APictureIsNone()
    {
        var file = Path.Combine(undisturbed.Experiment.Folder, "small.yaml");
        var refused = await JfProcess.RunAsync(undisturbed.Experiment.Folder, "search", Early, "--image", file);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"{file}: cannot be decoded as a picture", refused.Errors, StringComparison.Ordinal);
    }

    private static JsonElement[] Hits(JsonElement answer) => [.. answer.GetProperty("hits").EnumerateArray()];

    private async Task<JsonElement> JsonAsync(params string[] arguments) => JsonDocument.Parse((await JfAsync(arguments)).Output).RootElement;

    private async Task<JfResult> JfAsync(params string[] arguments)
    {
        var ended = await JfProcess.RunAsync(undisturbed.Experiment.Folder, arguments);
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        return ended;
    }
}
