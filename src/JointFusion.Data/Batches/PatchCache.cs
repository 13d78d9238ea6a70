using System.Collections.Concurrent;

namespace JointFusion.Data;

/// <summary>Keeps cut pictures in memory up to a budget, and then keeps what it has.</summary>
/// <remarks>
/// Epochs visit each picture about once, in another order each time: whatever is thrown out for a newcomer is as likely to come next.
/// So nothing is, and a set that fits is decoded once.
/// </remarks>
internal sealed class PatchCache(long budgetBytes)
{
    private readonly ConcurrentDictionary<string, CutPicture> patches = new(StringComparer.Ordinal);
    private long heldBytes;

    public CutPicture GetOrAdd(string path, Func<string, CutPicture> load)
    {
        if (patches.TryGetValue(path, out var held)) return held;

        var loaded = load(path);
        if (Interlocked.Add(ref heldBytes, loaded.Patches.Length) > budgetBytes || !patches.TryAdd(path, loaded))
        {
            Interlocked.Add(ref heldBytes, -loaded.Patches.Length);
        }

        return loaded;
    }
}
