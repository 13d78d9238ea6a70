using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class RetrieverShapesTests
{
    public static TheoryData<Preset, Fusion, int, int> LateRetrievers()
    {
        var cases = new TheoryData<Preset, Fusion, int, int>();
        foreach (var preset in Enum.GetValues<Preset>())
            foreach (var fusion in new[] { Fusion.Score, Fusion.Feature })
                foreach (var patchesPerSide in new[] { 1, 4, 14 })
                    foreach (var vocabulary in new[] { 300, 2_000, 4_000, 150_000 })
                        cases.Add(preset, fusion, patchesPerSide * PresetSize.Of(preset).PatchSize, vocabulary);
        return cases;
    }

    [Theory]
    [InlineData(Preset.Nano, 0.15e6, 0.25e6)]
    [InlineData(Preset.Tiny, 4e6, 6e6)]
    [InlineData(Preset.Small, 22e6, 28e6)]
    public void Should_stay_in_the_preset_size_when_the_token_table_is_left_out(Preset preset, double least, double most)
    {
        var shape = RetrieverShapes.For(new RetrieverSpec { Preset = preset, Fusion = Fusion.Early }, 64, vocabularySize: 1_000);

        var withoutTable = shape.Parameters() - (1_000L * shape.Joint!.Width);

        Assert.InRange(withoutTable, least, most);
    }

    [Theory]
    [MemberData(nameof(LateRetrievers))]
    public void Should_equal_the_early_parameters_within_1_percent_when_matched_by_parameters(
        Preset preset, Fusion fusion, int imageSize, int vocabulary)
    {
        var (early, late) = Pair(preset, fusion, Matching.Parameters, imageSize, vocabulary);

        Assert.InRange(late.Parameters() / (double)early.Parameters(), 0.99, 1.01);
        AssertWellFormed(early, late);
    }

    [Theory]
    [MemberData(nameof(LateRetrievers))]
    public void Should_equal_the_early_flops_within_2_percent_when_matched_by_flops(
        Preset preset, Fusion fusion, int imageSize, int vocabulary)
    {
        var (early, late) = Pair(preset, fusion, Matching.Flops, imageSize, vocabulary);

        Assert.InRange(late.FlopsPerPair() / early.FlopsPerPair(), 0.98, 1.02);
        AssertWellFormed(early, late);
    }

    [Fact]
    public void Should_differ_between_matchings_when_the_fusion_is_late()
    {
        var (_, byParameters) = Pair(Preset.Nano, Fusion.Score, Matching.Parameters, 32, 2_000);
        var (_, byFlops) = Pair(Preset.Nano, Fusion.Score, Matching.Flops, 32, 2_000);

        Assert.True(byParameters.ImageTower!.Width < byFlops.ImageTower!.Width);
    }

    [Fact]
    public void Should_match_by_parameters_when_the_spec_says_nothing()
    {
        var unsaid = RetrieverShapes.For(new RetrieverSpec { Preset = Preset.Nano, Fusion = Fusion.Score }, 32, 2_000);
        var (_, said) = Pair(Preset.Nano, Fusion.Score, Matching.Parameters, 32, 2_000);

        Assert.Equal(said, unsaid);
    }

    [Fact]
    public void Should_refuse_when_the_picture_does_not_divide_into_patches() =>
        Assert.Throws<ArgumentException>(() =>
            RetrieverShapes.For(new RetrieverSpec { Preset = Preset.Nano, Fusion = Fusion.Early }, imageSize: 36, vocabularySize: 10));

    private static (RetrieverShape Early, RetrieverShape Late) Pair(
        Preset preset, Fusion fusion, Matching matching, int imageSize, int vocabulary) => (
        RetrieverShapes.For(new RetrieverSpec { Preset = preset, Fusion = Fusion.Early }, imageSize, vocabulary),
        RetrieverShapes.For(new RetrieverSpec { Preset = preset, Fusion = fusion, Matching = matching }, imageSize, vocabulary));

    private static void AssertWellFormed(RetrieverShape early, RetrieverShape late)
    {
        Assert.Null(late.Joint);
        Assert.Equal(late.ImageTower, late.TextTower);
        Assert.Equal(late.Fusion == Fusion.Feature, late.FusionTower is not null);
        Assert.Equal(early.Joint!.Layers, late.ImageTower!.Layers);
        Assert.Equal(0, late.ImageTower.Width % late.ImageTower.Heads);
        Assert.InRange(late.ImageTower.MlpWidth / (double)late.ImageTower.Width, 1, 9);
        Assert.Equal((early.EmbeddingWidth, early.PatchesPerImage, early.VocabularySize), (late.EmbeddingWidth, late.PatchesPerImage, late.VocabularySize));
    }
}
