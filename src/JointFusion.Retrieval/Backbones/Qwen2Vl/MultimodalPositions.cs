using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>M-RoPE's positions (arXiv 2409.12191, section 2.1): text counts up on all three axes, a picture's merged patches have time, row and column beyond the text before them, and text goes on beyond the largest.</summary>
/// <param name="Positions_3NS">Int64; 1 at padding, where it has no effect.</param>
/// <param name="Deltas_N1">Largest position + 1 - S.</param>
internal sealed record MultimodalPositions(Tensor Positions_3NS, Tensor Deltas_N1)
{
    /// <param name="present_NS">0 where padded; null: nothing is.</param>
    /// <param name="grids">Of the pictures, in the order of their tokens.</param>
    /// <exception cref="ArgumentException">Image tokens and pictures do not fit together.</exception>
    public static MultimodalPositions Of(Tensor ids_NS, Tensor? present_NS, PatchGrid[] grids, long imageToken, int merge)
    {
        var (rows, length) = ((int)ids_NS.size(0), (int)ids_NS.size(1));
        var ids = Numbers(ids_NS);
        var present = present_NS is null ? null : Numbers(present_NS);
        var positions = new long[3 * rows * length];
        Array.Fill(positions, 1);
        var deltas = new long[rows];
        var pictures = new Queue<PatchGrid>(grids);
        for (var row = 0; row < rows; row++)
        {
            int[] places = [.. Enumerable.Range(row * length, length).Where(place => present is null || present[place] != 0)];
            deltas[row] = Walk(ids, places, pictures, imageToken, merge, (place, axis, position) => positions[(axis * rows * length) + place] = position) - length;
        }
        return pictures.Count > 0
            ? throw new ArgumentException($"{pictures.Count} pictures have no image tokens.")
            : new(tensor(positions, [3, rows, length], device: ids_NS.device), tensor(deltas, [rows, 1], device: ids_NS.device));
    }

    /// <param name="grids">Of the pictures, by the number of their sequence.</param>
    /// <returns>Int64 [3, R]; 0 at padding.</returns>
    /// <exception cref="ArgumentException">Image tokens and pictures do not fit together.</exception>
    public static Tensor Of(PackedSequences sequences, IReadOnlyDictionary<int, PatchGrid> grids, long imageToken, int merge)
    {
        var positions = new long[3 * sequences.Rows];
        for (var item = 0; item < sequences.Count; item++)
        {
            var (first, ids) = (sequences.FirstRow(item), sequences.Tokens(item).ToArray());
            var pictures = new Queue<PatchGrid>(grids.TryGetValue(item, out var grid) ? [grid] : []);
            Walk(ids, [.. Enumerable.Range(0, ids.Length)], pictures, imageToken, merge, (place, axis, position) => positions[(axis * sequences.Rows) + first + place] = position);
            if (pictures.Count > 0)
                throw new ArgumentException($"The picture of sequence {item} has no image tokens.");
        }
        return tensor(positions, [3, sequences.Rows]).Sent(sequences.Ids_R.device);
    }

    /// <returns>The position after the last.</returns>
    private static long Walk(long[] ids, int[] places, Queue<PatchGrid> pictures, long imageToken, int merge, Action<int, int, long> set)
    {
        var next = 0L;
        for (var i = 0; i < places.Length;)
        {
            if (ids[places[i]] != imageToken)
            {
                for (var axis = 0; axis < 3; axis++)
                    set(places[i], axis, next);
                (i, next) = (i + 1, next + 1);
                continue;
            }
            if (!pictures.TryDequeue(out var grid))
                throw new ArgumentException("The texts have image tokens of more pictures than there are.");
            var (time, height, width) = (grid.Time, grid.Height / merge, grid.Width / merge);
            if (places.Skip(i).TakeWhile(place => ids[place] == imageToken).Count() < time * height * width)
                throw new ArgumentException($"A picture needs {time * height * width} image tokens in a row, its text has fewer.");
            for (var patch = 0; patch < time * height * width; patch++, i++)
            {
                set(places[i], 0, next + (patch / (height * width)));
                set(places[i], 1, next + (patch / width % height));
                set(places[i], 2, next + (patch % width));
            }
            next += Math.Max(time, Math.Max(height, width));
        }
        return next;
    }

    private static long[] Numbers(Tensor ids)
    {
        using var cpu = ids.to(ScalarType.Int64).cpu().contiguous();
        return cpu.data<long>().ToArray();
    }
}
