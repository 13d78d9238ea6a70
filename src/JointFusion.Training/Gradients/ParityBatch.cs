using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>A tiny global batch with everything in it that has gone wrong in trainers of this kind.</summary>
/// <remarks>
/// Shares of unequal size; all three modalities on either side, so that a rank may have no picture; texts of unequal length; a candidate
/// that stands twice; a query with a second positive; hard negatives on some rows, one of them another row's positive.
/// </remarks>
internal static class ParityBatch
{
    private const int LongestText = 5;

    /// <param name="rows">Of the global batch; at least 5 for all that to be in it.</param>
    /// <returns>One rank's share.</returns>
    public static PairBatch Of(RetrieverShape shape, int rows, int hardNegatives, int rank, int world)
    {
        ImmutableArray<int>[] candidates = [.. Enumerable.Range(0, rows).Select(row => Candidates(row, rows, hardNegatives))];
        ImmutableArray<int>[] positives = [.. Enumerable.Range(0, rows).Select(row => row == 1 ? [candidates[1][0], candidates[2][0]] : candidates[row][..1])];
        var layout = new BatchLayout(candidates, positives, rank, world);
        var first = layout.CandidatesOfRank[..rank].Sum();
        return new PairBatch
        {
            Step = 0,
            Queries = Items(shape, layout.Rows, salt: 1).Slice(layout.Local.First, layout.Local.Count),
            Candidates = Items(shape, layout.Candidates.Length, salt: 2).Slice(first, layout.CandidatesOfRank[rank]),
            Layout = layout,
            LedgerEntry = "",
        };
    }

    /// <summary>The last row's positive is row 0's too. Row 1 brings row 0's positive among its hard negatives, even rows bring none.</summary>
    private static ImmutableArray<int> Candidates(int row, int rows, int hardNegatives)
    {
        var positive = row == rows - 1 ? 0 : row;
        if (row % 2 == 0) return [positive];
        return [positive, .. Enumerable.Range(0, hardNegatives).Select(place => row == 1 && place == 0 ? 0 : rows + (row * hardNegatives) + place)];
    }

    private static ItemBatch Items(RetrieverShape shape, int count, int salt) =>
        Enumerable.Range(0, count).Select(item => Item(shape, item, salt)).Aggregate(ItemBatch.Join);

    /// <summary>Text, picture, both, and so on in turn; contents are noise, the same on every rank.</summary>
    private static ItemBatch Item(RetrieverShape shape, int item, int salt)
    {
        const int channels = 3;
        var takesPictures = shape.Backbone is not { Vision: null };
        var (hasText, hasPicture) = ((item + salt) % 3 != 1 || !takesPictures, (item + salt) % 3 != 0 && takesPictures);
        var noise = new Random((item * 31) + salt);
        var tokens = new int[hasText ? noise.Next(1, Math.Min(LongestText, shape.MaxTextTokens) + 1) : 0];
        for (var i = 0; i < tokens.Length; i++) tokens[i] = Plain(shape, noise.Next(shape.VocabularySize));
        var patchBytes = Math.Max(1, channels * shape.PatchSize * shape.PatchSize);
        var (count, columns) = hasPicture ? Picture(shape, item) : (0, 0);
        var patches = new byte[count * patchBytes];
        noise.NextBytes(patches);
        return new ItemBatch
        {
            Count = 1,
            Tokens = tokens,
            TextOffsets = [0, tokens.Length],
            Patches = patches,
            PatchOffsets = [0, patches.Length / patchBytes],
            PatchBytes = patchBytes,
            PatchColumns = [columns],
        };
    }

    /// <summary>Where pictures have sizes of their own, small ones of two: the cost of the largest would be that of training.</summary>
    private static (int Patches, int Columns) Picture(RetrieverShape shape, int item)
    {
        if (shape.Backbone is { Patches: null, Merge: var merge })
            return (2 * merge * merge * (1 + (item % 2)), 2 * merge);
        return (shape.PatchesPerImage, (int)Math.Round(Math.Sqrt(shape.PatchesPerImage)));
    }

    /// <summary>Not one that stands for a picture.</summary>
    private static int Plain(RetrieverShape shape, int token) => shape.Backbone?.PictureTokens.Contains(token) == true ? 0 : token;
}
