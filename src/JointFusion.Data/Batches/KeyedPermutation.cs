using System.Numerics;

namespace JointFusion.Data;

/// <summary>A shuffle of 0 .. count-1 that gives any single position without making the others.</summary>
/// <remarks>
/// A Feistel network permutes the smallest even number of bits that holds the count; positions that fall outside are sent through again
/// until they fall inside (cycle walking; Black and Rogaway 2002), fewer than four times on average.
/// </remarks>
internal readonly struct KeyedPermutation
{
    private const int Rounds = 6;
    private readonly ulong key;
    private readonly int count;
    private readonly int halfBits;

    public KeyedPermutation(int count, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (this.count, this.key) = (count, key);
        halfBits = (BitOperations.Log2((uint)count) / 2) + 1;
    }

    public int this[int position]
    {
        get
        {
            var value = (ulong)position;
            do
            {
                value = Encrypt(value);
            }
            while (value >= (ulong)count);
            return (int)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        var mask = (1UL << halfBits) - 1;
        var (left, right) = (value >> halfBits, value & mask);
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (CounterRandom.Mix(key + ((ulong)round << 32) + right) & mask));
        }

        return (left << halfBits) | right;
    }
}
