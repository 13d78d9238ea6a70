using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Each encoder on texts, on pictures and on both, ragged, against a second implementation that encodes item by item.</summary>
public sealed class EncoderGoldenTests
{
    private const double Temperature = 0.2;
    private static readonly Golden[] Goldens = GoldenFile.Read<Golden[]>("encoders");

    public static TheoryData<string> Names => new(Goldens.Select(golden => golden.Name));

    [Theory, MemberData(nameof(Names))]
    public void Should_EqualPyTorch_When_Encoding(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Single(golden => golden.Name == name);
        using var retriever = GoldenFormula.Retriever(golden.Shape, Temperature);
        using var parameters = new FlatParameters(retriever);
        var embeddings = retriever.call(GoldenItem.Batch(golden.Items, golden.Shape));
        GoldenFormula.AssertNear(golden.Embeddings, embeddings, "an embedding");

        (embeddings * tensor(GoldenFormula.Values("direction", (int)embeddings.numel())).view(embeddings.shape)).sum().backward();
        GoldenFormula.AssertGradients(golden.Gradients, parameters);
    }

    private sealed record Golden(string Name, RetrieverShape Shape, GoldenItem[] Items, double[][] Embeddings, Dictionary<string, double[]> Gradients);
}
