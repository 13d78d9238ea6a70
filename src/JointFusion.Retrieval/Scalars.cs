using TorchSharp;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Arithmetic of tensors with numbers that the garbage collector cannot disturb.</summary>
/// <remarks>
/// TorchSharp turns a number into a finalizable <see cref="Scalar"/> of which only the native handle is passed on. A collection in that
/// moment frees it under the call, which fails or, worse, computes with what lies there now. Here each lives until its call is over.
/// Adding two tensors is no exception: it passes on a factor of one. What is unsafe is banned from src: BannedSymbols.txt.
/// </remarks>
public static class Scalars
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>The only element, from any device. Exact for whole numbers up to 2^53.</summary>
    public static double ToNumber(this Tensor tensor)
    {
        using var scalar = tensor.ToScalar();
        return scalar.ToDouble();
    }

    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    public static Tensor Scale_(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }

    public static Tensor Shift_(this Tensor tensor, double offset)
    {
        using var scalar = offset.ToScalar();
        return tensor.add_(scalar, One);
    }

    /// <returns>A new tensor; has a gradient.</returns>
    public static Tensor Over(this Tensor tensor, double divisor)
    {
        using var scalar = divisor.ToScalar();
        return tensor.div(scalar);
    }

    /// <returns>A new tensor; has a gradient.</returns>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul(scalar);
    }

    /// <returns>A new tensor; has a gradient.</returns>
    public static Tensor Shifted(this Tensor tensor, double offset)
    {
        using var scalar = offset.ToScalar();
        return tensor.add(scalar, One);
    }

    /// <returns>A new tensor of the same type, be it of integers.</returns>
    public static Tensor Shifted(this Tensor tensor, long offset)
    {
        using var scalar = offset.ToScalar();
        return tensor.add(scalar, One);
    }

    /// <returns>A new tensor with <paramref name="value"/> where <paramref name="places"/> is true; has a gradient elsewhere.</returns>
    public static Tensor FilledWhere(this Tensor tensor, Tensor places, double value)
    {
        using var scalar = value.ToScalar();
        return tensor.masked_fill(places, scalar);
    }

    /// <returns>Int64: first, first + 1, ..., so many.</returns>
    public static Tensor Counting(long first, long count, Device device)
    {
        using var start = first.ToScalar();
        using var stop = (first + count).ToScalar();
        return arange(start, stop, ScalarType.Int64, device);
    }

    /// <returns>True where an element equals the number.</returns>
    public static Tensor EqualTo(this Tensor tensor, long number)
    {
        using var scalar = number.ToScalar();
        return tensor.eq(scalar);
    }

    /// <returns>True where an element is the number or more.</returns>
    public static Tensor AtLeast(this Tensor tensor, long number)
    {
        using var scalar = number.ToScalar();
        return tensor.ge(scalar);
    }

    /// <summary>tensor += factor * other.</summary>
    public static Tensor AddScaled_(this Tensor tensor, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.add_(other, scalar);
    }

    /// <summary>tensor += factor * left * right, element by element.</summary>
    public static Tensor AddProduct_(this Tensor tensor, Tensor left, Tensor right, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.addcmul_(left, right, scalar);
    }

    /// <summary>tensor += factor * numerator / denominator, element by element.</summary>
    public static Tensor AddQuotient_(this Tensor tensor, Tensor numerator, Tensor denominator, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.addcdiv_(numerator, denominator, scalar);
    }

    /// <summary>tensor[rows[i]] += factor * source[i], row by row.</summary>
    /// <param name="rows">Int64.</param>
    public static Tensor AddRows_(this Tensor tensor, Tensor rows, Tensor source, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.index_add_(0, rows, source, scalar);
    }

    public static Tensor ClampTo_(this Tensor tensor, double low, double high)
    {
        using var lowest = low.ToScalar();
        using var highest = high.ToScalar();
        return tensor.clamp_(lowest, highest);
    }

    /// <summary>Of whole numbers.</summary>
    public static Tensor ClampTo_(this Tensor tensor, long low, long high)
    {
        using var lowest = low.ToScalar();
        using var highest = high.ToScalar();
        return tensor.clamp_(lowest, highest);
    }

    /// <returns>A new tensor with <paramref name="value"/> at the places that <paramref name="flat"/> names; has a gradient elsewhere.</returns>
    public static Tensor FilledAt(this Tensor tensor, long[] flat, double value)
    {
        using var scalar = value.ToScalar();
        return tensor.view(-1).index_fill(0, torch.tensor(flat).Sent(tensor.device), scalar).view(tensor.shape);
    }
}
