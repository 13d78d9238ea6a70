namespace JointFusion.Data;

/// <summary>Turns items into token ids and patches. Thread-safe.</summary>
public sealed class ItemLoader
{
    /// <summary>87,000 pictures of 32 pixels.</summary>
    public const long DefaultCacheBytes = 256L << 20;

    private readonly MbeirDataset data;
    private readonly ITextTokenizer tokenizer;
    private readonly IPicturePatches pictures;
    private readonly int maxTextTokens;
    private readonly PatchCache cache;

    /// <param name="imageSize">Pixels a side of the square that pictures are resized to; a multiple of <paramref name="patchSize"/>.</param>
    /// <param name="patchSize">Pixels a side.</param>
    /// <inheritdoc cref="ItemLoader(MbeirDataset, ITextTokenizer, IPicturePatches, int, long)"/>
    public ItemLoader(
        MbeirDataset data, ITextTokenizer tokenizer, IImageDecoder decoder, int imageSize, int patchSize, int maxTextTokens, long cacheBytes = DefaultCacheBytes)
        : this(data, tokenizer, new SquarePatches(decoder, imageSize, patchSize), maxTextTokens, cacheBytes)
    {
    }

    /// <param name="maxTextTokens">Texts are cut to this many tokens.</param>
    /// <param name="cacheBytes">Decoded pictures kept in memory. Default 256 MiB.</param>
    public ItemLoader(MbeirDataset data, ITextTokenizer tokenizer, IPicturePatches pictures, int maxTextTokens, long cacheBytes = DefaultCacheBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTextTokens, 1);
        (this.data, this.tokenizer, this.pictures, this.maxTextTokens) = (data, tokenizer, pictures, maxTextTokens);
        cache = new PatchCache(cacheBytes);
    }

    /// <exception cref="DataException">A picture is missing or cannot be decoded.</exception>
    public ItemBatch Load(IReadOnlyList<ItemRef> items)
    {
        var tokens = items.Select(item => item.Text is { } text ? tokenizer.Encode(text, maxTextTokens) : []).ToArray();
        var cut = items.Select(item => item.ImagePath is { } path ? cache.GetOrAdd(path, Cut) : null).ToArray();
        byte[][] patches = [.. cut.Select(picture => picture?.Patches ?? [])];
        return new ItemBatch
        {
            Count = items.Count,
            Tokens = [.. tokens.SelectMany(ids => ids)],
            TextOffsets = Offsets(tokens, unit: 1),
            Patches = Concatenate(patches),
            PatchOffsets = Offsets(patches, pictures.PatchBytes),
            PatchBytes = pictures.PatchBytes,
            PatchColumns = [.. cut.Select(picture => picture?.Columns ?? 0)],
        };
    }

    private CutPicture Cut(string path) => pictures.Cut(data.Layout.Image(path));

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
