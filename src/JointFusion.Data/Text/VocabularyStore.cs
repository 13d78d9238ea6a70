namespace JointFusion.Data;

/// <summary>Finds a data set's vocabulary: beside the data, or built once into the cache. A user's folder is never written to.</summary>
internal static class VocabularyStore
{
    public static TextTokenizer Open(MbeirDataset data)
    {
        if (File.Exists(data.Layout.Vocabulary)) return TextTokenizer.Load(data.Layout.Vocabulary);

        var path = Path.Combine(UserFolders.Cache, $"vocabulary-{data.ManifestHash[..16]}.json");
        if (!File.Exists(path)) Publish(VocabularyBuilder.Build(data.TrainingTexts()), path);
        return TextTokenizer.Load(path);
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
