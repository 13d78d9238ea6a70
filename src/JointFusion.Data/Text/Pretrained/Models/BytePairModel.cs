using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace JointFusion.Data;

/// <summary>Byte-pair encoding as tokenizer.json has it: merges by rank, with byte fallback and a suffix for a word's end where the file says so.</summary>
/// <remarks>
/// The merging is Microsoft.ML.Tokenizers'. What it lacks is done here: byte fallback, whole words that need no merges (<c>ignore_merges</c>), and
/// unknown characters of models that have no token for them, which are left out.
/// </remarks>
internal sealed class BytePairModel : ITokenModel
{
    private readonly BpeTokenizer tokenizer;
    private readonly Dictionary<string, int> vocabulary;
    private readonly int? unknown;
    private readonly bool fuseUnknown;
    private readonly bool ignoreMerges;
    private readonly ByteTokens? bytes;

    private BytePairModel(JsonPlace place)
    {
        vocabulary = place.Get("vocab").Entries().ToDictionary(entry => entry.Name, entry => entry.Place.Integer());
        unknown = place.Find("unk_token") is { } token ? IdOf(token) : null;
        fuseUnknown = place.Flag("fuse_unk", false);
        ignoreMerges = place.Flag("ignore_merges", false);
        bytes = place.Flag("byte_fallback", false) ? ByteTokens.Of(vocabulary, place.Get("byte_fallback")) : null;
        tokenizer = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = place.Get("merges").Items().Select(Merge),
            PreTokenizer = new WholePiece(),
            UnknownToken = unknown is null ? null : place.Get("unk_token").Text(),
            EndOfWordSuffix = place.Find("end_of_word_suffix")?.Text(),
            ContinuingSubwordPrefix = place.Find("continuing_subword_prefix")?.Text(),
        });
    }

    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public static BytePairModel Read(JsonPlace place)
    {
        place.RequireOnly(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        if (place.Find("dropout") is { } dropout && dropout.Number() != 0) throw dropout.Unsupported("a dropout of merges of");
        return new BytePairModel(place);
    }

    public void Encode(string piece, List<int> ids)
    {
        if (ignoreMerges && vocabulary.TryGetValue(piece, out var whole))
        {
            ids.Add(whole);
        }
        else if (unknown is null)
        {
            ids.AddRange(tokenizer.EncodeToIds(piece));
        }
        else
        {
            EncodeKnown(piece, ids);
        }
    }

    private void EncodeKnown(string piece, List<int> ids)
    {
        var fused = false;
        foreach (var token in tokenizer.EncodeToTokens(piece, out _))
        {
            var source = piece.AsSpan(token.Offset);
            var isUnknown = token.Id == unknown && !source.SequenceEqual(token.Value);
            if (isUnknown && bytes is not null) bytes.Spell(source, ids);
            else if (!isUnknown || !fused || !fuseUnknown) ids.Add(token.Id);
            fused = isUnknown;
        }
    }

    private int IdOf(JsonPlace token) =>
        vocabulary.TryGetValue(token.Text(), out var id) ? id : throw token.Fault($"\"{token.Text()}\" is not in the vocabulary");

    /// <summary>Newer files have pairs where older ones have two entries joined by a space.</summary>
    private static string Merge(JsonPlace place)
    {
        if (place.Value.ValueKind == JsonValueKind.String) return place.Text();
        string[] pair = [.. place.Items().Select(item => item.Text())];
        return pair.Length == 2 && !pair.Any(part => part.Contains(' ')) ? $"{pair[0]} {pair[1]}" : throw place.Unsupported("the merge");
    }
}
