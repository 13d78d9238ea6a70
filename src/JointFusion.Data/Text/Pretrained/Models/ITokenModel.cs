namespace JointFusion.Data;

/// <summary>Turns pieces into token ids. Thread-safe.</summary>
internal interface ITokenModel
{
    /// <summary>What the model alone knows, without added tokens.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Appends the ids of one piece.</summary>
    void Encode(string piece, List<int> ids);
}
