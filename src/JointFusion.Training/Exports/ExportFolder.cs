namespace JointFusion.Training;

/// <summary>The names of everything in an exported retriever's folder.</summary>
/// <param name="Path">Absolute.</param>
internal sealed record ExportFolder(string Path)
{
    /// <summary>See <see cref="ExportConfig"/>.</summary>
    public string Config => In("config.json");

    /// <summary>Every parameter of the retriever, the log temperature included, by name.</summary>
    public string Weights => In("model.safetensors");

    /// <summary>The tokenizer's.</summary>
    public string Vocabulary => In("vocabulary.json");

    /// <summary>Of a retriever over a published model: see <see cref="BackboneExport"/>.</summary>
    public string Backbone => In("backbone");

    /// <summary>Likewise.</summary>
    public string Adapters => In("adapters");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
