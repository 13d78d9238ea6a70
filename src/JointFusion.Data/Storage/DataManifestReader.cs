using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace JointFusion.Data;

/// <summary>Reads what <see cref="DataManifest.Write"/> has written, member by member; keys that it does not know are passed over.</summary>
/// <remarks>The serializer has itself compiled for each kind of member first, which took longer than all else that `jf plan` does with a data set.</remarks>
internal static class DataManifestReader
{
    /// <exception cref="JsonException">It is no JSON, or a member is missing or of another kind.</exception>
    public static DataManifest Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            return Manifest(document.RootElement);
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(wrong.Message, wrong);
        }
    }

    private static DataManifest Manifest(JsonElement root) => new()
    {
        Schema = root.TryGetProperty("schema", out var schema) ? schema.GetInt32() : 1,
        Name = Text(root, "name"),
        Builder = Text(root, "builder"),
        Source = Text(root, "source"),
        Notes = Texts(root, "notes"),
        HeldOutWords = Texts(root, "held_out_words"),
        VocabularySize = root.GetProperty("vocabulary_size").GetInt32(),
        TrainQueries = Counts(root.GetProperty("train_queries")),
        HardNegatives = root.TryGetProperty("hard_negatives", out var counts) ? Counts(counts) : ImmutableSortedDictionary<int, int>.Empty,
        Splits = Texts(root, "splits"),
        Files = Files(root.GetProperty("files")),
    };

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    private static ImmutableArray<string> Texts(JsonElement owner, string name)
    {
        var list = owner.GetProperty(name);
        var texts = ImmutableArray.CreateBuilder<string>(list.GetArrayLength());
        foreach (var text in list.EnumerateArray())
            texts.Add(text.GetString() ?? throw new FormatException($"{name} has a null"));
        return texts.MoveToImmutable();
    }

    private static ImmutableSortedDictionary<int, int> Counts(JsonElement table)
    {
        var counts = ImmutableSortedDictionary<int, int>.Empty;
        foreach (var entry in table.EnumerateObject())
            counts = counts.SetItem(int.Parse(entry.Name, CultureInfo.InvariantCulture), entry.Value.GetInt32());
        return counts;
    }

    private static ImmutableArray<ManifestFile> Files(JsonElement list)
    {
        var files = ImmutableArray.CreateBuilder<ManifestFile>(list.GetArrayLength());
        foreach (var file in list.EnumerateArray())
            files.Add(new(Text(file, "path"), file.GetProperty("bytes").GetInt64(), Text(file, "sha256")));
        return files.MoveToImmutable();
    }
}
