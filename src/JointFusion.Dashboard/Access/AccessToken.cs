using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Dashboard;

/// <summary>What a browser or a script has to show before the live page answers. Whoever knows it may look.</summary>
public sealed class AccessToken
{
    private const int Length = 48;
    private readonly byte[] key;

    private AccessToken(string text) => (Text, key) = (text, Encoding.ASCII.GetBytes(text));

    /// <summary>48 hexadecimal digits, 192 random bits.</summary>
    public string Text { get; }

    /// <summary>One that nobody knows yet.</summary>
    public static AccessToken Create() => new(RandomNumberGenerator.GetHexString(Length, lowercase: true));

    /// <returns>Null for text that is not a whole token.</returns>
    public static AccessToken? Parse(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower) ? new AccessToken(text) : null;

    /// <summary>In a time that does not depend on how much of it is right.</summary>
    public bool Is(string? shown) => Same(Text, shown);

    /// <summary>What a browser keeps in place of the token. Browsers send a host's cookies to all its ports, so one port's is worth nothing at another.</summary>
    internal string CookieAt(int port) => Sign(port.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same for a named token, which is known here by its hash alone: whoever reads hashes cannot make cookies of them.</summary>
    internal string CookieAt(int port, NamedToken token) => Sign(string.Create(CultureInfo.InvariantCulture, $"{token.Hash}@{port}"));

    internal static bool Same(string expected, string? shown) =>
        shown is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(shown));

    private string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)));
}
