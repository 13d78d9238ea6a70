using JointFusion.Experiments;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Sequences of prompts, texts and pictures, and that what comes out of them is the reference's.</summary>
public sealed class PromptedBackboneTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Should_fill_the_slots_in_their_order_When_a_prompt_has_both()
    {
        var template = Template("a{image}bc{text}d");
        Assert.Equal([97, 7, 7, 98, 99, 1, 2, 100], template.Fill(new[] { 1, 2 }, [7, 7]));
        Assert.True(template is { HasText: true, HasImage: true });
    }

    [Theory, InlineData("no slot"), InlineData("{text}{text}"), InlineData("")]
    public void Should_refuse_a_prompt_When_a_slot_is_missing_or_twice(string template) => Assert.Throws<ArgumentException>(() => Template(template));

    [Fact]
    public void Should_refuse_prompts_When_one_has_not_the_slots_of_its_modalities() =>
        Assert.Contains("a picture alone", Assert.Throws<ArgumentException>(() => new Prompts(Template("{text}"), Template("{text}"), Template("{image}{text}"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Should_pool_the_references_last_state_When_PaliGemma_sees_pictures_and_texts()
    {
        using var inputs = Golden("paligemma", "inputs");
        using var outputs = Golden("paligemma", "outputs");
        using var backbone = (PaliGemmaBackbone)Backbone.Load(GoldenFolder.Of("paligemma"), ScalarType.Float32, CPU);
        var pixels = inputs.Read("image.pixel_values");
        var (ids_NS, present_NS) = (inputs.Read("image_text_right_pad.input_ids"), inputs.Read("image_text_right_pad.attention_mask"));
        var lengths = present_NS.sum(1).data<long>().ToArray();
        // The text is what comes behind the 16 image tokens; pictures are cut row by row, as the data pipeline cuts them.
        var texts = lengths.Select((length, row) => new ReadOnlyMemory<int>([.. ids_NS[row].data<long>().ToArray()[16..(int)length].Select(id => (int)id)])).ToArray();
        var patches_NPX = pixels.unfold(2, 7, 7).unfold(3, 7, 7).permute(0, 2, 3, 1, 4, 5).reshape(2, 16, 147);
        var group = new ModalityGroup([0, 1], ids_NS, null, patches_NPX) { Texts = texts, Columns = 4 };
        var encoder = new OneTowerEncoder(
            new PromptedBackbone(backbone, new Prompts(Template("{text}"), Template("{image}"), Template("{image}{text}")), new ChannelScale([0, 0, 0], [1, 1, 1]), Causal: false),
            new SequencePooling.LastToken());
        var last_NSW = outputs.Read("image_text_right_pad.last_hidden_state");
        var expected = stack(lengths.Select((length, row) => last_NSW[row, length - 1]).ToArray());
        Assert.NotEqual(lengths[0], lengths[1]);
        Assert.True((encoder.call([group]) - expected).abs().max().item<float>() < 7.1e-5f);
    }

    [Fact]
    public void Should_come_in_the_order_of_the_processor_When_Qwen2Vl_gets_square_pictures()
    {
        var config = new Qwen2VlVisionConfig { PatchSize = 1, SpatialMergeSize = 2, TemporalPatchSize = 2 };
        // Two pictures of 4 x 4 patches of one pixel; its three channels are 100 row + column of the patch, and that plus 1000 and 2000.
        var places = tensor(Enumerable.Range(0, 16).Select(patch => (float)((patch / 4 * 100) + (patch % 4))).ToArray());
        var patches_NPX = stack([places, places + 1000, places + 2000], 1).unsqueeze(0).expand(2, 16, 3);
        var blocks = PictureLayout.Blocks(patches_NPX, 4, config);
        Assert.Equal([32, 6], blocks.shape);
        var expected = new PatchGrid(1, 4, 4).Places(2).Select(place => (float)((place.Row * 100) + place.Column)).ToArray();
        Assert.Equal([0, 1, 100, 101, 2, 3, 102, 103, 200, 201], expected[..10]);
        Assert.Equal([.. expected, .. expected], blocks.select(1, 0).data<float>().ToArray());
        // Within a patch: channel, then time.
        Assert.Equal([101, 101, 1101, 1101, 2101, 2101], blocks[3].data<float>().ToArray());
    }

    [Fact]
    public void Should_take_the_special_tokens_state_or_the_mean_When_asked_to()
    {
        using var _ = no_grad();
        using var backbone = (TextBackbone)Backbone.Load(GoldenFolder.Of("qwen2"), ScalarType.Float32, CPU);
        var prompted = new PromptedBackbone(backbone, new Prompts(Template("{text}!\""), Template("{image}"), Template("{image}{text}")), null, Causal: false);
        var group = new ModalityGroup([0], tensor(new long[,] { { 5, 6, 7 } }), null, null) { Texts = [new[] { 5, 6, 7 }] };
        var states = backbone.Encode_NSW(tensor(new long[,] { { 5, 6, 7, '!', '"' } }), null, causal: false);
        AssertSame(states[0, 3], new OneTowerEncoder(prompted, new SequencePooling.SpecialToken('!')).call([group])[0]);
        AssertSame(states[0, 4], new OneTowerEncoder(prompted, new SequencePooling.LastToken()).call([group])[0]);
        AssertSame(states[0].mean([0]), new OneTowerEncoder(prompted, new SequencePooling.Mean()).call([group])[0]);
        Assert.True((states - backbone.Encode_NSW(tensor(new long[,] { { 5, 6, 7, '!', '"' } }), null, causal: true)).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Should_fill_texts_up_to_the_models_length_When_the_model_is_SigLIP()
    {
        using var _ = no_grad();
        using var backbone = (SiglipBackbone)Backbone.Load(GoldenFolder.Of("siglip"), ScalarType.Float32, CPU);
        var group = new ModalityGroup([0], tensor(new long[,] { { 5, 6, 7 } }), null, null) { Texts = [new[] { 5, 6, 7 }] };
        var encoder = TwoTowerEncoder.ByScore(new DualEncoderTowers(backbone, Template("{text}"), BackboneRetrievers.Scale));
        AssertSame(backbone.EncodeText_NE(tensor(new long[,] { { 5, 6, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1 } }), null)[0], encoder.call([group])[0]);
    }

    [Fact]
    public void Should_read_the_scale_of_channels_When_the_folder_says_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["preprocessor_config.json"], """{"image_mean": [0.1, 0.2, 0.3], "image_std": [0.5, 0.25, 1]}""");
        var scale = ChannelScale.Read(folder.Path);
        var patches = tensor(new float[] { 0.6f, 0.1f, 0.45f, 0.2f, 1.3f, 0.3f }).view(1, 1, 6);
        Assert.True((scale.Apply(patches) - tensor(new float[] { 1, 0, 1, 0, 1, 0 })).abs().max().item<float>() < 1e-6f);
        File.WriteAllText(folder["preprocessor_config.json"], """{"image_mean": [0.1]}""");
        Assert.Contains("image_mean has 1 numbers", Assert.Throws<CheckpointException>(() => ChannelScale.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static void AssertSame(Tensor expected, Tensor actual) => Assert.True((expected - actual).abs().max().item<float>() < 1e-6f);

    private static SafetensorsReader Golden(string set, string file) => SafetensorsReader.Open(Path.Combine(GoldenFolder.Of(set), $"{file}.safetensors"));

    private static PromptTemplate Template(string template) => PromptTemplate.Parse(template, stretch => [.. stretch.Select(character => (int)character)]);
}
