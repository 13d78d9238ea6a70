namespace JointFusion.Data;

/// <summary>Turns items into token ids and patches. Thread-safe.</summary>
public sealed class ItemLoader
{
    private const int Channels = 3;
    private readonly MbeirDataset data;
    private readonly ITextTokenizer tokenizer;
    private readonly IImageDecoder decoder;
    private readonly int imageSize;
    private readonly int patchSize;
    private readonly int maxTextTokens;
    private readonly PatchCache cache;

    /// <param name="imageSize">Pixels a side of the square that pictures are resized to; a multiple of <paramref name="patchSize"/>.</param>
    /// <param name="patchSize">Pixels a side.</param>
    /// <param name="maxTextTokens">Texts are cut to this many tokens.</param>
    /// <param name="cacheBytes">Decoded pictures kept in memory. Default 256 MiB: 87,000 pictures of 32 pixels.</param>
    public ItemLoader(
        MbeirDataset data, ITextTokenizer tokenizer, IImageDecoder decoder, int imageSize, int patchSize, int maxTextTokens, long cacheBytes = 256L << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTextTokens, 1);
        if (imageSize < patchSize || imageSize % patchSize != 0)
        {
            throw new ArgumentException($"{imageSize} pixels cannot be cut into patches of {patchSize}.", nameof(imageSize));
        }

        (this.data, this.tokenizer, this.decoder) = (data, tokenizer, decoder);
        (this.imageSize, this.patchSize, this.maxTextTokens) = (imageSize, patchSize, maxTextTokens);
        cache = new PatchCache(cacheBytes);
    }

    private int PatchBytes => Channels * patchSize * patchSize;

    /// <exception cref="DataException">A picture is missing or cannot be decoded.</exception>
    public ItemBatch Load(IReadOnlyList<ItemRef> items)
    {
        var tokens = items.Select(item => item.Text is { } text ? tokenizer.Encode(text, maxTextTokens) : []).ToArray();
        var patches = items.Select(item => item.ImagePath is { } path ? cache.GetOrAdd(path, Decode) : []).ToArray();
        return new ItemBatch
        {
            Count = items.Count,
            Tokens = [.. tokens.SelectMany(ids => ids)],
            TextOffsets = Offsets(tokens, unit: 1),
            Patches = Concatenate(patches),
            PatchOffsets = Offsets(patches, PatchBytes),
            PatchBytes = PatchBytes,
        };
    }

    private byte[] Decode(string path) => PatchCutter.Cut(decoder.Decode(data.Layout.Image(path), imageSize), imageSize, patchSize);

    private static int[] Offsets(Array[] parts, int unit)
    {
        var offsets = new int[parts.Length + 1];
        for (var i = 0; i < parts.Length; i++)
        {
            offsets[i + 1] = offsets[i] + (parts[i].Length / unit);
        }

        return offsets;
    }

    private static byte[] Concatenate(byte[][] parts)
    {
        var joined = new byte[parts.Sum(part => part.Length)];
        var next = 0;
        foreach (var part in parts)
        {
            part.CopyTo(joined, next);
            next += part.Length;
        }

        return joined;
    }
}
