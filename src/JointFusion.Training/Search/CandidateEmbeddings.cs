using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Every candidate of a data set as one retriever embeds it, in one process, with progress; kept on disk where a cache is given.</summary>
/// <param name="Rows_CE">On the retriever's device.</param>
/// <param name="Candidates">Dense candidate index of each row, ascending; those that the retriever cannot take are left out.</param>
public sealed record CandidateEmbeddings(Tensor Rows_CE, int[] Candidates) : IDisposable
{
    private const int ItemsPerReport = 512;

    /// <param name="cache">Null: embeds anew.</param>
    /// <exception cref="DataException">A picture is missing or cannot be decoded.</exception>
    /// <exception cref="OperationCanceledException">Nothing is kept then.</exception>
    public static CandidateEmbeddings Of(
        SavedRetriever retriever, MbeirDataset data, EmbeddingCache? cache = null, IProgress<DataProgress>? progress = null, CancellationToken cancel = default)
    {
        var held = Enumerable.Range(0, data.Candidates.Length).Where(i => retriever.Takes(ItemRef.Of(data.Candidates[i]))).ToArray();
        var device = retriever.Retriever.LogTemperature.device;
        var key = new EmbeddingKey(retriever.Identity, data.ManifestHash, held.Length, retriever.Plan.Shape.EmbeddingWidth);
        if (cache?.TryRead(key, progress) is { } kept)
            return new CandidateEmbeddings(OnDevice(kept, device), held);
        var rows_CE = Embed(retriever, data, held, progress, cancel);
        cache?.TryWrite(key, rows_CE, progress);
        return new CandidateEmbeddings(OnDevice(rows_CE, device), held);
    }

    public void Dispose() => Rows_CE.Dispose();

    /// <summary>Texts before pictures, short before long: what is alike is computed together.</summary>
    /// <returns>In CPU memory, outside every scope.</returns>
    private static Tensor Embed(SavedRetriever retriever, MbeirDataset data, int[] held, IProgress<DataProgress>? progress, CancellationToken cancel)
    {
        using var _ = no_grad();
        var space = retriever.Space(data);
        var rows_CE = zeros(held.Length, space.Width).DetachFromDisposeScope();
        var order = Enumerable.Range(0, held.Length)
            .OrderBy(row => data.Candidates[held[row]].ImagePath is not null).ThenBy(row => data.Candidates[held[row]].Text?.Length ?? 0).ToArray();
        try
        {
            for (var done = 0; done < order.Length;)
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var rows = order.AsSpan(done, Math.Min(ItemsPerReport, order.Length - done)).ToArray();
                var block_BE = space.Embed([.. rows.Select(row => ItemRef.Of(data.Candidates[held[row]]))]);
                rows_CE.index_copy_(0, tensor(rows.Select(row => (long)row).ToArray()), block_BE.to(ScalarType.Float32).cpu());
                done += rows.Length;
                progress?.Report(new DataProgress("embedding the candidates", done, order.Length));
            }
            return rows_CE;
        }
        catch
        {
            rows_CE.Dispose();
            throw;
        }
    }

    private static Tensor OnDevice(Tensor rows_CE, Device device)
    {
        if (device.type == TorchSharp.DeviceType.CPU)
            return rows_CE;
        using (rows_CE)
            return rows_CE.to(device).DetachFromDisposeScope();
    }
}
