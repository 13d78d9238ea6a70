using TorchSharp;

namespace JointFusion.Retrieval;

/// <summary>A view of a storage, as a pickle describes it.</summary>
/// <param name="Offset">In elements; so are the strides.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Elements from its first to its last, gaps included.</summary>
    public long Extent => Shape.Contains(0) ? 0 : Shape.Zip(Strides, (size, stride) => checked((size - 1) * stride)).Aggregate(1L, (sum, part) => checked(sum + part));

    /// <summary>Without gaps, the last axis's elements side by side.</summary>
    public bool IsRowByRow
    {
        get
        {
            var expected = 1L;
            for (var i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return false;
                expected = checked(expected * Shape[i]);
            }
            return true;
        }
    }
}

/// <summary>Numbers of one type that lie outside of the pickle.</summary>
internal sealed record PickledStorage(torch.ScalarType Type, string Key, long Elements);
