namespace JointFusion.Data;

/// <summary>The likeliest way to write a piece in tokens (Viterbi); each token has a log probability of its own.</summary>
/// <remarks>
/// Kudo, Subword Regularization (2018). Ours, since Microsoft.ML.Tokenizers reads such models from SentencePiece files alone. A character without a
/// token costs 10 more than the rarest token; neighbours of that kind are one unknown token, or their bytes where the file says so.
/// </remarks>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;
    private readonly Dictionary<string, int> vocabulary = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly double[] scores;
    private readonly double unknownScore;
    private readonly int unknown;
    private readonly ByteTokens? bytes;
    private readonly int longest;

    private UnigramModel(JsonPlace place)
    {
        JsonPlace[][] entries = [.. place.Get("vocab").Items().Select(item => Pair(item))];
        scores = [.. entries.Select(entry => entry[1].Number())];
        for (var id = 0; id < entries.Length; id++)
        {
            vocabulary[entries[id][0].Text()] = id;
        }

        lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        longest = vocabulary.Keys.Max(text => text.Length);
        unknownScore = scores.Min() - UnknownPenalty;
        unknown = place.Get("unk_id").Integer();
        if (unknown < 0 || unknown >= scores.Length) throw place.Get("unk_id").Fault("is no entry of the vocabulary");
        bytes = place.Flag("byte_fallback", false) ? ByteTokens.Of(vocabulary, place.Get("byte_fallback")) : null;
    }

    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public static UnigramModel Read(JsonPlace place)
    {
        place.RequireOnly("type", "unk_id", "vocab", "byte_fallback");
        return place.Get("vocab").Items().Any() ? new UnigramModel(place) : throw place.Get("vocab").Fault("is empty");
    }

    public void Encode(string piece, List<int> ids)
    {
        var ways = BestWays(piece);
        var starts = new Stack<int>();
        for (var end = piece.Length; end > 0; end = ways[end].Start)
        {
            starts.Push(end);
        }

        for (var (start, wasUnknown) = (0, false); starts.TryPop(out var end); start = end)
        {
            var id = ways[end].Token;
            if (id >= 0) ids.Add(id);
            else if (bytes is not null) bytes.Spell(piece.AsSpan(start, end - start), ids);
            else if (!wasUnknown) ids.Add(unknown);
            wasUnknown = id < 0;
        }
    }

    /// <returns>For each place the last token of the best way to there: where it begins, and its id, -1 for an unknown character.</returns>
    private Way[] BestWays(string piece)
    {
        var ways = new Way[piece.Length + 1];
        Array.Fill(ways, new Way(double.NegativeInfinity, 0, 0), 1, piece.Length);
        for (var start = 0; start < piece.Length;)
        {
            var character = char.IsHighSurrogate(piece[start]) && start + 1 < piece.Length && char.IsLowSurrogate(piece[start + 1]) ? 2 : 1;
            var single = false;
            for (var length = character; length <= longest && start + length <= piece.Length; length++)
            {
                if (!lookup.TryGetValue(piece.AsSpan(start, length), out var id) || id == unknown) continue;
                Offer(ways, start, start + length, scores[id], id);
                single |= length == character;
            }

            if (!single) Offer(ways, start, start + character, unknownScore, -1);
            start += character;
        }

        return ways;
    }

    private static void Offer(Way[] ways, int start, int end, double score, int token)
    {
        var total = ways[start].Score + score;
        if (total > ways[end].Score) ways[end] = new Way(total, start, token);
    }

    private static JsonPlace[] Pair(JsonPlace item)
    {
        JsonPlace[] pair = [.. item.Items()];
        return pair.Length == 2 ? pair : throw item.Fault("a text and its score are expected");
    }

    private readonly record struct Way(double Score, int Start, int Token);
}
