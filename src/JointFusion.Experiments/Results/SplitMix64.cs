namespace JointFusion.Experiments;

/// <summary>Steele, Lea and Flood's generator (OOPSLA 2014): unlike System.Random its sequence is the same on every version of .NET.</summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 to <paramref name="bound"/> - 1; the bias of the multiplication is below 2^-32 at any int bound.</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);
}
