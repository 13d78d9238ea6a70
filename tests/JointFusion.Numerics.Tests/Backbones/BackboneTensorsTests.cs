using JointFusion.Experiments;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What a plan says of a published model from its config alone, held to the modules.</summary>
public sealed class BackboneTensorsTests
{
    public static TheoryData<string> Sets => [.. Directory.GetDirectories(GoldenFolder.Root).Select(folder => Path.GetFileName(folder))];

    [Theory, MemberData(nameof(Sets))]
    public void Should_name_every_parameter_with_its_shape_When_only_the_config_is_read(string set)
    {
        using var backbone = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        var planned = BackboneConfig.Read(GoldenFolder.Of(set)).Tensors();
        Assert.Equal(
            backbone.named_parameters().Select(pair => $"{pair.name} [{string.Join(", ", pair.parameter.shape)}]").Order(),
            planned.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]").Order());
    }

    [Theory, MemberData(nameof(Sets))]
    public void Should_know_which_layers_can_be_adapted_When_only_the_config_is_read(string set)
    {
        using var backbone = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        var planned = BackboneConfig.Read(GoldenFolder.Of(set)).Tensors().Where(tensor => tensor.IsProjection).Select(tensor => tensor.Layer).ToArray();
        var added = Lora.AttachUnfilled(backbone, new LoraSpec(2, 4, LoraTargets.Matching(".*"))).Select(pair => pair.Path);
        Assert.NotEmpty(planned);
        Assert.Equal(added.Order(), planned.Order());
    }

    [Theory, MemberData(nameof(Sets))]
    public void Should_load_the_first_layers_alone_When_asked_for_fewer(string set)
    {
        using var whole = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        using var shallow = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU, layers: 1);
        var all = whole.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Assert.True(shallow.named_parameters().Count() < all.Count);
        Assert.All(shallow.named_parameters(), pair => Assert.True(pair.parameter.allclose(all[pair.name])));
        Assert.Equal(
            shallow.named_parameters().Select(pair => pair.name).Order(),
            BackboneConfig.Read(GoldenFolder.Of(set)).Shallow(1).Tensors().Select(tensor => tensor.Name).Order());
    }

    [Fact]
    public void Should_name_the_file_When_a_config_is_of_no_known_model()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{"model_type": "bert"}""");
        var fault = Assert.Throws<CheckpointException>(() => Backbone.Load(folder.Path, ScalarType.Float32, CPU));
        Assert.Contains("config.json: has the model_type 'bert'", fault.Message, StringComparison.Ordinal);
    }
}
