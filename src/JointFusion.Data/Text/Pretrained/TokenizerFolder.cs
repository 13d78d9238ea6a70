namespace JointFusion.Data;

/// <summary>Finds the tokenizer in the folder of a pretrained model.</summary>
public static class TokenizerFolder
{
    private const string Json = "tokenizer.json", Model = "tokenizer.model";

    /// <param name="path">A folder in Hugging Face's layout.</param>
    /// <exception cref="DataException">There is no tokenizer, or one with a part that is not supported: the message names file and key.</exception>
    public static PretrainedTokenizer Open(string path)
    {
        var (json, model) = (Path.Combine(path, Json), Path.Combine(path, Model));
        if (File.Exists(json)) return new PretrainedTokenizer(TokenizerJson.Read(json));
        return File.Exists(model)
            ? new PretrainedTokenizer(SentencePieceFile.Read(model))
            : throw new DataException($"{path}: no {Json} and no {Model}. Fetch one of them with the model; where a model came without, transformers' fast tokenizer saves the first.");
    }
}
