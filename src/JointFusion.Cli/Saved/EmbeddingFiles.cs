using JointFusion.Data;
using JointFusion.Retrieval;
using JointFusion.Training;
using Parquet;
using Parquet.Schema;

namespace JointFusion.Cli;

/// <summary>Embeddings in open formats: NAME.npy with NAME.ids.txt, a line a row, and NAME.parquet with ids, texts and pictures beside them.</summary>
internal static class EmbeddingFiles
{
    /// <param name="folder">Made if it is not there; files of these names are replaced.</param>
    /// <returns>The files' names.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, SavedEvaluation evaluation, MbeirDataset data, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        foreach (var table in Tables(evaluation, data))
        {
            using var rows = table.Rows_NE;
            await Put($"{table.Name}.npy", stream =>
            {
                NpyFile.Write(stream, table.Items.Length, table.Width, table.Blocks().Select(block => block.Rows));
                return Task.CompletedTask;
            });
            await Put($"{table.Name}.ids.txt", async stream =>
            {
                await using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (var item in table.Items)
                    await writer.WriteLineAsync(item.Id);
            });
            await Put($"{table.Name}.parquet", stream => WriteParquetAsync(stream, table, cancel));
        }
        return written;

        async Task Put(string name, Func<Stream, Task> write)
        {
            var (path, beside) = (Path.Combine(folder, name), Path.Combine(folder, $"{name}.tmp"));
            await using (var stream = File.Create(beside))
                await write(stream);
            File.Move(beside, path, overwrite: true);
            written.Add(name);
        }
    }

    /// <summary>All candidates; of each split the whole queries.</summary>
    private static IEnumerable<EmbeddingTable> Tables(SavedEvaluation evaluation, MbeirDataset data)
    {
        var candidates = evaluation.Candidates;
        yield return new EmbeddingTable(
            "candidates",
            [.. candidates.Candidates.Select(row => data.Candidates[row]).Select(candidate => new EmbeddedItem(candidate.Did, null, candidate.Text, candidate.ImagePath))],
            candidates.Rows_CE.alias());
        foreach (var split in evaluation.Requests.Index().Where(request => request.Item.Inputs == EvaluationRequest.Whole).GroupBy(request => request.Item.Split))
        {
            yield return new EmbeddingTable(
                $"queries-{split.Key}",
                [.. split.Select(request => new EmbeddedItem(request.Item.Query.Id, request.Item.Query.Task, request.Item.Item.Text, request.Item.Item.ImagePath))],
                evaluation.Queries_QE.RowsAt(split.Select(request => request.Index)));
        }
    }

    private static async Task WriteParquetAsync(Stream stream, EmbeddingTable table, CancellationToken cancel)
    {
        var schema = new ParquetSchema(
            new DataField<string>("id"), new DataField<int?>("task"), new DataField<string>("text"), new DataField<string>("image"), new ListField("embedding", new DataField<float>("element")));
        var fields = schema.GetDataFields();
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancel);
        foreach (var (first, rows) in table.Blocks())
        {
            using var group = writer.CreateRowGroup();
            var items = table.Items.AsSpan(first, rows.Length / table.Width).ToArray();
            await group.WriteAsync(fields[0], [.. items.Select(item => item.Id)]);
            await group.WriteAsync<int>(fields[1], items.Select(item => item.Task).ToArray(), cancellationToken: cancel);
            await group.WriteAsync(fields[2], [.. items.Select(item => item.Text!)]);
            await group.WriteAsync(fields[3], [.. items.Select(item => item.Image!)]);
            var (levels, repeats) = (new int[rows.Length], new int[rows.Length]);
            Array.Fill(levels, fields[4].MaxDefinitionLevel); // every list is there, and so is every element
            for (var i = 0; i < repeats.Length; i++)
                repeats[i] = i % table.Width == 0 ? 0 : 1;
            await group.WriteAllPartsAsync<float>(fields[4], rows, levels, repeats, cancel);
        }
    }
}
