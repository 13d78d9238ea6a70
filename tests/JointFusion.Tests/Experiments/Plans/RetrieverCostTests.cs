using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Sums worked out by hand, layer by layer, on shapes whose every size is a different small number.</summary>
public sealed class RetrieverCostTests
{
    // E 5, P 1 (3 values a patch), N 4 patches, V 7, T 6.
    private static readonly RetrieverShape Bare = new()
    {
        Fusion = Fusion.Early,
        EmbeddingWidth = 5,
        PatchSize = 1,
        PatchesPerImage = 4,
        VocabularySize = 7,
        MaxTextTokens = 6,
    };

    private static readonly TransformerShape Tower = new(Layers: 2, Width: 4, Heads: 2, MlpWidth: 3);

    // A block of Tower: norms 8 + 8, qkv 48 + 12, out 16 + 4, up 12 + 3, down 12 + 4 = 127. Two blocks and the final norm 8: 262.
    private const int TowerParameters = 262;

    [Fact]
    public void Should_count_each_tensor_when_fusion_is_early()
    {
        var shape = Bare with { Joint = Tower };

        // patch 3*4 + 4, positions 4*4, table 7*4, positions 6*4, summary 4, tower, projection 4*5, temperature 1.
        Assert.Equal(16 + 16 + 28 + 24 + 4 + TowerParameters + 20 + 1, shape.Parameters());
    }

    [Fact]
    public void Should_count_each_tensor_when_fusion_is_score()
    {
        var shape = Bare with { Fusion = Fusion.Score, ImageTower = Tower, TextTower = Tower };

        const int image = 16 + 16 + 4 + TowerParameters + 20;
        const int text = 28 + 24 + 4 + TowerParameters + 20;
        Assert.Equal(image + text + 1, shape.Parameters());
    }

    [Fact]
    public void Should_count_each_tensor_when_fusion_is_feature()
    {
        var fusion = new TransformerShape(Layers: 1, Width: 2, Heads: 1, MlpWidth: 3);
        var shape = Bare with { Fusion = Fusion.Feature, ImageTower = Tower, TextTower = Tower, FusionTower = fusion };

        const int image = 16 + 16 + 4 + TowerParameters;
        const int text = 28 + 24 + 4 + TowerParameters;
        const int bridges = 2 * ((4 * 2) + 2);
        // modalities 2*2, summary 2, block: norms 4 + 4, qkv 12 + 6, out 4 + 2, up 6 + 3, down 6 + 2 = 49, final norm 4, projection 2*5.
        const int fusionTower = 4 + 2 + 49 + 4 + 10;
        Assert.Equal(image + text + bridges + fusionTower + 1, shape.Parameters());
    }

    [Fact]
    public void Should_count_each_tensor_and_product_when_features_are_mixed_after_pooling()
    {
        var gated = Bare with { Fusion = Fusion.Feature, FeatureMixer = FeatureMixer.Gated, ImageTower = Tower, TextTower = Tower };
        var mlp = gated with { FeatureMixer = FeatureMixer.Mlp };
        var score = Bare with { Fusion = Fusion.Score, ImageTower = Tower, TextTower = Tower };

        // Beside score fusion's projections: Linear 8 -> 5 with bias; or Linear 8 -> 3 with bias, and 3 -> 5.
        Assert.Equal((45, 27 + 15), (gated.Parameters() - score.Parameters(), mlp.Parameters() - score.Parameters()));
        Assert.Equal(2, (score with { ModalityWeights = ModalityWeighting.Learned }).Parameters() - score.Parameters());
        Assert.Equal((2 * 8 * 5, 2 * ((8 * 3) + (3 * 5))), (gated.FlopsPerItem(4, 6) - score.FlopsPerItem(4, 6), mlp.FlopsPerItem(4, 6) - score.FlopsPerItem(4, 6)));
        Assert.Equal((0, 2 * ((8 * 3) + (3 * 5))), (gated.FlopsPerItem(4, 0) - score.FlopsPerItem(4, 0), mlp.FlopsPerItem(4, 0) - score.FlopsPerItem(4, 0)));
    }

    [Fact]
    public void Should_count_products_twice_when_flops_are_taken_by_hand()
    {
        var shape = Bare with { Joint = Tower };

        // Sequence 1 + 4 + 2 = 7. A block: linear 7 * 2 * (4*16 + 2*12) = 1232, attention 4*49*4 = 784; two blocks.
        // Patches 2*4*3*4 = 96, projection 2*4*5 = 40.
        Assert.Equal((2 * (1232 + 784)) + 96 + 40, shape.FlopsPerItem(patches: 4, tokens: 2));
    }

    [Fact]
    public void Should_run_each_part_behind_a_summary_of_its_own_when_they_do_not_meet()
    {
        var (early, isolated, meeting) = (Bare with { Joint = Tower }, Bare with { Fusion = Fusion.Isolated, Joint = Tower }, Bare with { Joint = Tower, FusionLayer = 1 });

        // Sequences 1 + 4 and 1 + 2. A block: linear (5 + 3) * 2 * 88 = 1408, attention 4*25*4 + 4*9*4 = 544. Together it is 2016, as above.
        Assert.Equal((2 * (1408 + 544)) + 96 + 40, isolated.FlopsPerItem(patches: 4, tokens: 2));
        Assert.Equal(1408 + 544 + 2016 + 96 + 40, meeting.FlopsPerItem(patches: 4, tokens: 2));
        Assert.All(((int, int)[])[(4, 0), (0, 6)], item => Assert.Equal(early.FlopsPerItem(item.Item1, item.Item2), isolated.FlopsPerItem(item.Item1, item.Item2)));
        Assert.Equal((early.Parameters(), early.Parameters()), (isolated.Parameters(), meeting.Parameters()));

        // Floats a block: 5 * (38 + 10) + 3 * (38 + 6) = 372 apart, 7 * (38 + 14) = 364 together.
        Assert.Equal((4 * 2 * 372, 4 * (372 + 364)), (isolated.ActivationBytes(4, 2), meeting.ActivationBytes(4, 2)));
    }

    [Fact]
    public void Should_add_up_the_parts_when_the_item_of_score_fusion_has_both()
    {
        var shape = Bare with { Fusion = Fusion.Score, ImageTower = Tower, TextTower = Tower };

        Assert.Equal(shape.FlopsPerItem(4, 0) + shape.FlopsPerItem(0, 6), shape.FlopsPerItem(4, 6));
        Assert.Equal(Tower.ForwardFlops(7) + 40, shape.FlopsPerItem(0, 6));
    }

    [Fact]
    public void Should_run_bridges_and_fusion_over_all_outputs_when_fusion_is_feature()
    {
        var fusion = Tower with { Layers = 1 };
        var shape = Bare with { Fusion = Fusion.Feature, ImageTower = Tower, TextTower = Tower, FusionTower = fusion };

        // Outputs 5 + 7, each through Linear 4 -> 4; the fusion reads them and its summary.
        var expected = 96 + Tower.ForwardFlops(5) + Tower.ForwardFlops(7) + (12 * 2 * 16) + fusion.ForwardFlops(13) + 40;
        Assert.Equal(expected, shape.FlopsPerItem(patches: 4, tokens: 6));
    }

    [Fact]
    public void Should_be_three_forward_passes_when_a_pair_is_trained()
    {
        var shape = Bare with { Joint = Tower };

        Assert.Equal(3 * (shape.FlopsPerItem(4, 16) + shape.FlopsPerItem(4, 0)), shape.FlopsPerPair());
    }

    [Fact]
    public void Should_keep_nothing_for_absent_parts_when_activations_are_estimated()
    {
        var shape = Bare with { Fusion = Fusion.Score, ImageTower = Tower, TextTower = Tower };

        // Length 5: 5 * (8*4 + 2*3 + 2*5) = 240 floats a block, two blocks.
        Assert.Equal(4 * 2 * 240, shape.ActivationBytes(patches: 4, tokens: 0));
        Assert.Equal(0, shape.ActivationBytes(patches: 0, tokens: 0));
    }
}
