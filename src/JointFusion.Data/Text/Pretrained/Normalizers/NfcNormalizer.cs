namespace JointFusion.Data;

/// <summary>Unicode's form C: what can be written as one composed character is.</summary>
internal sealed class NfcNormalizer : ITextNormalizer
{
    public string Normalize(string text) => CanonicalForm.Compose(text);
}
