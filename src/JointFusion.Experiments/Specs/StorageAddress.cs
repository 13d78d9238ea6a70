using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>A place in S3-compatible storage: <c>s3://bucket</c> or <c>s3://bucket/some/prefix</c>.</summary>
/// <param name="Prefix">Of the keys of all that lies there, without a slash at either end; empty for the whole bucket.</param>
public sealed partial record StorageAddress(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a text is meant as such an address, right or wrong.</summary>
    public static bool Looks(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <returns>Null if it is none.</returns>
    public static StorageAddress? Parse(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match)
            return null;
        var prefix = match.Groups["prefix"].Value;
        return prefix.Split('/').Any(part => part is "." or ".." || (part.Length == 0 && prefix.Length > 0))
            ? null
            : new StorageAddress(match.Groups["bucket"].Value, prefix);
    }

    /// <summary>The place of this name within this one.</summary>
    public StorageAddress Below(string name) => this with { Prefix = Key(name) };

    /// <summary>Of the object with this name, which may have slashes, within this place.</summary>
    public string Key(string name) => Prefix.Length == 0 ? name : $"{Prefix}/{name}";

    /// <summary>As a user writes it.</summary>
    public override string ToString() => Prefix.Length == 0 ? $"{Scheme}{Bucket}" : $"{Scheme}{Bucket}/{Prefix}";

    /// <summary>Names of buckets as S3 allows them; a slash at the end is forgiven.</summary>
    [GeneratedRegex(@"\As3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?<prefix>[^\s\\\p{C}]*?))?/?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
