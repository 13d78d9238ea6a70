namespace JointFusion.Data;

/// <summary>Makes texts alike before they are cut. Thread-safe.</summary>
internal interface ITextNormalizer
{
    string Normalize(string text);
}
