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

    [Theory]
    [InlineData(Preset.Nano)]
    [InlineData(Preset.Tiny)]
    [InlineData(Preset.Small)]
    public void Should_have_the_early_parameters_and_its_flops_within_2_percent_when_the_fusion_is_isolated(Preset preset)
    {
        RetrieverShape Shape(Fusion fusion) => RetrieverShapes.For(new RetrieverSpec { Preset = preset, Fusion = fusion }, 4 * PresetSize.Of(preset).PatchSize, 2_000);
        var (early, isolated) = (Shape(Fusion.Early), Shape(Fusion.Isolated));

        Assert.Equal(early.Parameters(), isolated.Parameters());
        Assert.Equal(early, isolated with { Fusion = Fusion.Early });
        Assert.InRange(isolated.FlopsPerPair() / early.FlopsPerPair(), 0.98, 1.02);
    }

    [Theory]
    [InlineData(FeatureMixer.Mlp, Matching.Parameters)]
    [InlineData(FeatureMixer.Mlp, Matching.Flops)]
    [InlineData(FeatureMixer.Gated, Matching.Parameters)]
    [InlineData(FeatureMixer.Gated, Matching.Flops)]
    public void Should_equal_the_early_cost_within_2_percent_when_features_are_mixed_after_pooling(FeatureMixer mixer, Matching matching)
    {
        foreach (var preset in Enum.GetValues<Preset>())
        {
            RetrieverShape Shape(RetrieverSpec spec) => RetrieverShapes.For(spec with { Preset = preset }, 4 * PresetSize.Of(preset).PatchSize, 2_000);
            var (early, late) = (Shape(new RetrieverSpec { Fusion = Fusion.Early }), Shape(new RetrieverSpec { Fusion = Fusion.Feature, FeatureMixer = mixer, Matching = matching }));

            Assert.Null(late.FusionTower);
            Assert.InRange(matching == Matching.Flops ? late.FlopsPerPair() / early.FlopsPerPair() : late.Parameters() / (double)early.Parameters(), 0.98, 1.02);
        }
    }

    [Fact]
    public void Should_be_early_at_first_and_isolated_at_last_when_the_layer_of_meeting_is_given()
    {
        RetrieverShape Shape(RetrieverSpec spec) => RetrieverShapes.For(spec with { Preset = Preset.Nano, Layers = 3 }, 32, 2_000);
        var early = Shape(new RetrieverSpec { Fusion = Fusion.Early });

        Assert.Equal(3, early.Joint!.Layers);
        Assert.Equal(early, Shape(new RetrieverSpec { Fusion = Fusion.Early, FusionLayer = 0 }));
        Assert.Equal(early with { FusionLayer = 2 }, Shape(new RetrieverSpec { Fusion = Fusion.Early, FusionLayer = 2 }));
        Assert.Equal(Shape(new RetrieverSpec { Fusion = Fusion.Isolated }), Shape(new RetrieverSpec { Fusion = Fusion.Early, FusionLayer = 3 }));
        Assert.Equal(3, Shape(new RetrieverSpec { Fusion = Fusion.Score }).TextTower!.Layers);
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
