namespace JointFusion.Data;

/// <summary>Finds the tokenizer in the folder of a pretrained model.</summary>
public static class TokenizerFolder
{
    private const string Json = "tokenizer.json";

    /// <param name="path">A folder in Hugging Face's layout.</param>
    /// <exception cref="DataException">There is no tokenizer, or one with a part that is not supported: the message names file and key.</exception>
    public static PretrainedTokenizer Open(string path)
    {
        var json = Path.Combine(path, Json);
        return File.Exists(json)
            ? new PretrainedTokenizer(TokenizerJson.Read(json))
            : throw new DataException($"{path}: no {Json}. Fetch it with the model; where a model came without, transformers' fast tokenizer saves one.");
    }
}
