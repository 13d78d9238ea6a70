using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Sequences of tokens of any lengths end to end, R rows in all, so that a model passes over them once: those of one length next to each other.</summary>
/// <remarks>
/// Where each length of its own would cost a device more than some padding, those of about one length are padded at their ends to the longest of
/// them. What is causal never sees that padding; elsewhere it is masked.
/// </remarks>
internal sealed class PackedSequences
{
    /// <summary>Of the longest of its neighbours, at most this part of a sequence is padding.</summary>
    private const int MostPadding = 8;

    private readonly IReadOnlyList<long[]> sequences;
    private readonly Run[] runs;
    private readonly int[] firstRows;
    private readonly Tensor ids_R;
    private readonly Tensor? present_R;
    private readonly Tensor order_N;

    private PackedSequences(IReadOnlyList<long[]> sequences, Run[] runs, Device device)
    {
        (this.sequences, this.runs) = (sequences, runs);
        Rows = runs.Sum(run => run.Items.Length * run.Length);
        firstRows = new int[sequences.Count];
        var (ids, present, order) = (new long[Rows], new bool[Rows], new long[sequences.Count]);
        var (row, place) = (0, 0L);
        foreach (var run in runs)
            foreach (var item in run.Items)
            {
                sequences[item].CopyTo(ids, row);
                Array.Fill(present, true, row, sequences[item].Length);
                (firstRows[item], order[item]) = (row, place++);
                row += run.Length;
            }
        (ids_R, order_N) = (tensor(ids).Sent(device), tensor(order).Sent(device));
        present_R = runs.Any(run => run.IsPadded) ? tensor(present).Sent(device) : null;
    }

    public int Count => sequences.Count;

    public int Rows { get; }

    /// <summary>Int64, 0 where padded.</summary>
    public Tensor Ids_R => ids_R;

    /// <param name="lengthStep">Lengths that differ by less may be one, see <see cref="Attention.LengthStep"/>; 1: nothing is padded. Null: as suits the device.</param>
    public static PackedSequences Of(IReadOnlyList<long[]> sequences, Device device, int? lengthStep = null) =>
        new(sequences, [.. Cut(sequences, lengthStep ?? Attention.LengthStep(device))], device);

    public ReadOnlySpan<long> Tokens(int item) => sequences[item];

    public int FirstRow(int item) => firstRows[item];

    /// <param name="causal">Whether a token sees only those before it.</param>
    public Packing Packing(bool causal) => new(
        runs.Select(run => new PackedGroup(run.Items.Length, run.Length, causal ? null : Present_NS(run)?.unsqueeze(1).unsqueeze(1))), causal);

    /// <summary>The rows of a token in some of the sequences, int64, in the order of these.</summary>
    public Tensor RowsOf(long token, IEnumerable<int> items)
    {
        var rows = new List<long>();
        foreach (var item in items)
            for (var place = 0; place < sequences[item].Length; place++)
                if (sequences[item][place] == token)
                    rows.Add(firstRows[item] + place);
        return tensor(rows.ToArray()).Sent(ids_R.device);
    }

    /// <summary>Of each row its place in its sequence, int64 [R].</summary>
    /// <param name="first">That of the first token.</param>
    public Tensor Places_R(long first)
    {
        var places = new long[Rows];
        foreach (var run in runs)
            for (var row = 0; row < run.Items.Length * run.Length; row++)
                places[run.FirstRow + row] = first + (row % run.Length);
        return tensor(places).Sent(ids_R.device);
    }

    /// <returns>[N, W], a state for each sequence.</returns>
    public Tensor Pool_NW(Tensor states_RW, SequencePooling pooling)
    {
        var parts = Packing(causal: true).Part(states_RW);
        return Retrieval.Packing.Join(runs.Select((run, i) => pooling.Pool_NW(
            parts[i].unflatten(0, run.Items.Length, run.Length), new PaddedTokens(Block_NS(ids_R, run), Present_NS(run))))).index_select(0, order_N);
    }

    /// <summary>All states of all sequences, so many sequences after so many.</summary>
    /// <param name="counts">Sum to <see cref="Count"/>.</param>
    public IReadOnlyList<TokenSequence> Padded(Tensor states_RW, IReadOnlyList<int> counts)
    {
        var (rows, blocks) = (new List<long>(), new List<(int Count, int Length, Tensor? Present)>());
        var first = 0;
        foreach (var count in counts)
        {
            int[] lengths = [.. Enumerable.Range(first, count).Select(item => sequences[item].Length)];
            var longest = lengths.Max();
            for (var i = 0; i < count; i++)
                for (var place = 0; place < longest; place++)
                    rows.Add(firstRows[first + i] + Math.Min(place, lengths[i] - 1));
            blocks.Add((count, longest, PaddedTokens.Marks_NS(lengths, longest, ids_R.device)));
            first += count;
        }
        var gathered_RW = states_RW.index_select(0, tensor(rows.ToArray()).Sent(ids_R.device));
        var parts = gathered_RW.split([.. blocks.Select(block => (long)block.Count * block.Length)], 0);
        return [.. blocks.Zip(parts, (block, part) => new TokenSequence(part.unflatten(0, block.Count, block.Length), block.Present))];
    }

    /// <summary>Longest first.</summary>
    private static IEnumerable<Run> Cut(IReadOnlyList<long[]> sequences, int lengthStep)
    {
        int[] order = [.. Enumerable.Range(0, sequences.Count).OrderByDescending(item => sequences[item].Length)];
        var row = 0;
        for (var start = 0; start < order.Length;)
        {
            var longest = sequences[order[start]].Length;
            var shortest = longest - (lengthStep == 1 ? 0 : Math.Max(lengthStep - 1, longest / MostPadding));
            var end = start;
            while (end < order.Length && sequences[order[end]].Length >= shortest)
                end++;
            var run = new Run(order[start..end], row, longest, sequences[order[end - 1]].Length < longest);
            yield return run;
            row += run.Items.Length * run.Length;
            start = end;
        }
    }

    private static Tensor Block_NS(Tensor values_R, Run run) => values_R.narrow(0, run.FirstRow, run.Items.Length * run.Length).view(run.Items.Length, run.Length);

    private Tensor? Present_NS(Run run) => run.IsPadded ? Block_NS(present_R!, run) : null;

    /// <summary>Sequences as long as each other, padded or not.</summary>
    private sealed record Run(int[] Items, int FirstRow, int Length, bool IsPadded);
}
