namespace JointFusion.Data;

/// <summary>Finds a data set's vocabulary: beside the data, or built once into the cache. A user's folder is never written to.</summary>
internal static class VocabularyStore
{
    public static TextTokenizer Open(MbeirDataset data) => TextTokenizer.Load(Find(data));

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="DataException">It is not the one that the data's manifest lists.</exception>
    public static byte[] Read(MbeirDataset data)
    {
        var path = Find(data);
        var listed = DataManifest.Read(data.Layout)?.Files.FirstOrDefault(file => file.Path == data.Layout.Relative(path));
        return listed?.DifferenceIn(data.Layout, hashes: true) is { } difference
            ? throw new DataException($"{data.Root}: {difference}. Restore the data set, or delete the folder and build it again.")
            : File.ReadAllBytes(path);
    }

    private static string Find(MbeirDataset data)
    {
        if (File.Exists(data.Layout.Vocabulary)) return data.Layout.Vocabulary;

        var path = Path.Combine(UserFolders.Cache, $"vocabulary-{data.ManifestHash[..16]}.json");
        if (!File.Exists(path)) Publish(VocabularyBuilder.Build(data.TrainingTexts()), path);
        return path;
    }

    // Written beside and renamed, so that processes which build it at the same time each see a whole file.
    private static void Publish(Vocabulary vocabulary, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(beside, vocabulary.ToJson());
        File.Move(beside, path, overwrite: true);
    }
}
