namespace JointFusion.Data;

/// <summary>Random numbers as a pure function of a key: what is drawn for one row never depends on what was drawn before.</summary>
internal static class CounterRandom
{
    /// <summary>Mixes the parts one after another; their order matters.</summary>
    public static ulong Key(params ReadOnlySpan<int> parts)
    {
        var key = 0x9E3779B97F4A7C15UL;
        foreach (var part in parts)
        {
            key = Mix(key + (uint)part);
        }

        return key;
    }

    /// <summary>Uniform in [0, <paramref name="count"/>), up to a bias of count / 2^64.</summary>
    public static int Below(int count, ulong key) => (int)Math.BigMul(Mix(key), (ulong)count, out _);

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood 2014) after its increment: a bijection that spreads every bit.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
