using System.Numerics;

namespace JointFusion.Retrieval;

/// <summary>Self-attention of one sequence on a CPU, and its gradient: all heads in turn, each in the core's own cache.</summary>
/// <remarks>
/// S positions, H heads, K wide each, W = H K, columns padded to Z, a multiple of <see cref="Vector{T}.Count"/>. Per head, with Q, K, V and the
/// result's gradient G of S x K:
/// <code>
///   P = exp(Q K' / sqrt(K) - l)      l: logarithm of a row's sum, kept from the forward pass (Dao 2023, arXiv 2307.08691)
///   result = P V                     dV = P' G
///   D = P (G V' - rowsum(P G V'))    dQ = D K / sqrt(K)      dK = D' Q / sqrt(K)
/// </code>
/// </remarks>
internal static unsafe class AttentionKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    [ThreadStatic]
    private static PinnedScratch<T>? scratch;

    public static bool Fits(int headWidth) => headWidth % Vector<T>.Count == 0;

    /// <param name="qkv">S x 3 W: of each position the queries of all heads, the keys, the values.</param>
    /// <param name="mixed">S x W, written.</param>
    /// <param name="causal">Whether a position sees none after it.</param>
    /// <param name="logSums">H x S, written: what <see cref="Backward"/> needs.</param>
    public static void Forward(T* qkv, T* mixed, T* logSums, int length, int heads, int headWidth, bool causal)
    {
        var (width, padded) = (heads * headWidth, Padded(length));
        var keys = Scratch((headWidth * padded) + (length * padded) + (length * headWidth));
        *keys = BringNear(qkv, 3 * length * width) + BringNear(mixed, length * width);
        T* scores = keys + (headWidth * padded), packed = scores + (length * padded);
        for (var head = 0; head < heads; head++, logSums += length)
        {
            var query = new Matrix<T>(qkv + (head * headWidth), 3 * width);
            var probabilities = new Matrix<T>(scores, padded);
            SmallProduct.Compute(query, Transpose(query.From(0, width), length, headWidth, keys, padded), probabilities, length, padded, headWidth);
            for (var row = 0; row < length; row++)
                logSums[row] = Normalize(probabilities.At(row, 0), causal ? row + 1 : length, padded, Scale(headWidth));
            SmallProduct.Compute(probabilities, Pack(query.From(0, 2 * width), length, headWidth, packed), new Matrix<T>(mixed + (head * headWidth), width), length, headWidth, length);
        }
    }

    /// <param name="mixedGradient">S x W.</param>
    /// <param name="gradient">Of qkv, S x 3 W, written.</param>
    public static void Backward(T* qkv, T* logSums, T* mixedGradient, T* gradient, int length, int heads, int headWidth, bool causal)
    {
        var (width, padded) = (heads * headWidth, Padded(length));
        var keys = Scratch((2 * headWidth * padded) + (2 * length * padded) + (length * headWidth));
        *keys = BringNear(qkv, 3 * length * width) + BringNear(mixedGradient, length * width) + BringNear(gradient, 3 * length * width);
        T* values = keys + (headWidth * padded), scores = values + (headWidth * padded), products = scores + (length * padded), packed = products + (length * padded);
        for (var head = 0; head < heads; head++, logSums += length)
        {
            var query = new Matrix<T>(qkv + (head * headWidth), 3 * width);
            var (key, value) = (query.From(0, width), query.From(0, 2 * width));
            var given = new Matrix<T>(mixedGradient + (head * headWidth), width);
            var own = new Matrix<T>(gradient + (head * headWidth), 3 * width);
            var (probabilities, differences) = (new Matrix<T>(scores, padded), new Matrix<T>(products, padded));
            SmallProduct.Compute(query, Transpose(key, length, headWidth, keys, padded), probabilities, length, padded, headWidth);
            SmallProduct.Compute(given, Transpose(value, length, headWidth, values, padded), differences, length, padded, headWidth);
            for (var row = 0; row < length; row++)
                Differentiate(probabilities.At(row, 0), differences.At(row, 0), logSums[row], causal ? row + 1 : length, padded, Scale(headWidth));
            SmallProduct.Compute(probabilities.Transposed, Pack(given, length, headWidth, packed), own.From(0, 2 * width), length, headWidth, length);
            SmallProduct.Compute(differences, Pack(key, length, headWidth, packed), own, length, headWidth, length);
            SmallProduct.Compute(differences.Transposed, Pack(query, length, headWidth, packed), own.From(0, width), length, headWidth, length);
        }
    }

    /// <summary>Scores of a row -> probabilities.</summary>
    /// <param name="seen">Positions that it may look at: the first so many.</param>
    /// <returns>The logarithm of the row's sum of exponentials.</returns>
    private static T Normalize(T* row, int seen, int padded, T scale)
    {
        Mask(row, seen, padded);
        var top = Highest(row, padded) * scale;
        var (scales, tops, sums) = (new Vector<T>(scale), new Vector<T>(-top), Vector<T>.Zero);
        for (var j = 0; j < padded; j += Vector<T>.Count)
        {
            var exponentials = Vectors.Exp(Vectors.MultiplyAdd(Vector.Load(row + j), scales, tops));
            exponentials.Store(row + j);
            sums += exponentials;
        }
        var sum = Vector.Sum(sums);
        var shares = new Vector<T>(T.One / sum);
        for (var j = 0; j < padded; j += Vector<T>.Count)
            (Vector.Load(row + j) * shares).Store(row + j);
        return top + T.Log(sum);
    }

    private static T Highest(T* row, int padded)
    {
        var highest = Vector.Load(row);
        for (var j = Vector<T>.Count; j < padded; j += Vector<T>.Count)
            highest = Vector.Max(highest, Vector.Load(row + j));
        var top = highest[0];
        for (var i = 1; i < Vector<T>.Count; i++)
            top = T.Max(top, highest[i]);
        return top;
    }

    /// <summary>Scores of a row -> probabilities; products G V' of it -> gradients of the unscaled scores.</summary>
    private static void Differentiate(T* row, T* products, T logSum, int seen, int padded, T scale)
    {
        Mask(row, seen, padded);
        var (scales, logSums, sums, shares) = (new Vector<T>(scale), new Vector<T>(-logSum), Vector<T>.Zero, Vector<T>.Zero);
        for (var j = 0; j < padded; j += Vector<T>.Count)
        {
            var probabilities = Vectors.Exp(Vectors.MultiplyAdd(Vector.Load(row + j), scales, logSums));
            probabilities.Store(row + j);
            sums = Vectors.MultiplyAdd(probabilities, Vector.Load(products + j), sums);
            shares += probabilities;
        }
        var mean = new Vector<T>(Vector.Sum(sums) / Vector.Sum(shares)); // Rounding of a large logSum leaves a sum beside 1, which must not tilt the mean.
        for (var j = 0; j < padded; j += Vector<T>.Count)
            (Vector.Load(row + j) * (Vector.Load(products + j) - mean) * scales).Store(products + j);
    }

    private static void Mask(T* row, int seen, int padded)
    {
        for (var j = seen; j < padded; j++)
            row[j] = T.NegativeInfinity;
    }

    /// <summary>Columns beyond the length become 0.</summary>
    private static Matrix<T> Transpose(Matrix<T> from, int length, int headWidth, T* to, int padded)
    {
        var row = 0;
        for (; row <= length - 4; row += 4)
        {
            T* a = from.At(row, 0), b = from.At(row + 1, 0), c = from.At(row + 2, 0), d = from.At(row + 3, 0), target = to + row;
            for (var k = 0; k < headWidth; k++, target += padded)
                (target[0], target[1], target[2], target[3]) = (a[k], b[k], c[k], d[k]);
        }
        for (; row < padded; row++)
            for (var k = 0; k < headWidth; k++)
                to[(k * padded) + row] = row < length ? *from.At(row, k) : T.Zero;
        return new Matrix<T>(to, padded);
    }

    /// <summary>Rows end to end: far apart, they would share few places in the cache.</summary>
    private static Matrix<T> Pack(Matrix<T> from, int length, int headWidth, T* to)
    {
        for (var row = 0; row < length; row++)
            for (var k = 0; k < headWidth; k += Vector<T>.Count)
                Vector.Load(from.At(row, k)).Store(to + (row * headWidth) + k);
        return new Matrix<T>(to, headWidth);
    }

    /// <summary>
    /// Touches a sequence from end to end, so that the core fetches ahead: heads, which use a few adjoining numbers of each position, would wait
    /// for memory at every one. A fifth of the kernel's time at 81 positions, a third at 12. What will be written is fetched as well.
    /// </summary>
    /// <returns>Of no use, but for the compiler to keep the loop.</returns>
    private static T BringNear(T* data, int count)
    {
        const int cacheLine = 64;
        var sum = T.Zero;
        for (var i = 0; i < count; i += cacheLine / sizeof(T))
            sum += data[i];
        return sum;
    }

    private static T Scale(int headWidth) => T.One / T.Sqrt(T.CreateChecked(headWidth));

    private static int Padded(int length) => (length + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;

    private static T* Scratch(int count) => (scratch ??= new()).AtLeast(count);
}
