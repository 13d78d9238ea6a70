namespace JointFusion.Data;

/// <summary>One after the other.</summary>
internal sealed class NormalizerSequence(ITextNormalizer[] normalizers) : ITextNormalizer
{
    public string Normalize(string text) => normalizers.Aggregate(text, (normalized, normalizer) => normalizer.Normalize(normalized));
}
