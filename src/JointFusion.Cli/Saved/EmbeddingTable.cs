using System.Collections.Immutable;
using static TorchSharp.torch;

namespace JointFusion.Cli;

/// <summary>Items with their embeddings, to be written.</summary>
/// <param name="Name">Of its files.</param>
/// <param name="Rows_NE">A row an item; belongs to who made the table.</param>
internal sealed record EmbeddingTable(string Name, ImmutableArray<EmbeddedItem> Items, Tensor Rows_NE)
{
    /// <summary>Rows a block: bounds what is in memory twice.</summary>
    private const int RowsPerBlock = 65_536;

    public int Width => (int)Rows_NE.size(1);

    public IEnumerable<(int First, float[] Rows)> Blocks()
    {
        for (var first = 0; first < Items.Length; first += RowsPerBlock)
        {
            using var block = Rows_NE.narrow(0, first, Math.Min(RowsPerBlock, Items.Length - first));
            using var host = block.to(ScalarType.Float32, CPU, copy: true);
            yield return (first, host.data<float>().ToArray());
        }
    }
}

/// <param name="Id">Of the data set.</param>
/// <param name="Task">Of a query; null: a candidate.</param>
/// <param name="Text">As the retriever was given it, an instruction included.</param>
/// <param name="Image">Relative to the data set's root.</param>
internal sealed record EmbeddedItem(string Id, int? Task, string? Text, string? Image);
