using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Rows of a matrix by their numbers.</summary>
public static class TensorRows
{
    /// <returns>[rows, ...], a copy.</returns>
    public static Tensor RowsAt(this Tensor tensor, IEnumerable<int> rows) =>
        tensor.index_select(0, torch.tensor(rows.Select(row => (long)row).ToArray(), device: tensor.device));
}
