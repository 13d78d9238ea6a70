using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace JointFusion.Dashboard;

/// <summary>A server's named tokens: who may ask it for what. On disk are their hashes alone, in a file of mode 0600.</summary>
/// <remarks>Whoever asks sees changes of the file at once, made by this process or another: a token is known, or none any more, from the next request on.</remarks>
/// <param name="warn">Told once of each reason why the file cannot be used.</param>
public sealed partial class TokenBook(string path, Action<string>? warn = null)
{
    /// <summary>Times of files are coarse: what was written a moment ago may be written again at the same one.</summary>
    private static readonly TimeSpan Coarse = TimeSpan.FromSeconds(1);

    private volatile Known? known;

    /// <summary>By name; the expired ones too.</summary>
    /// <exception cref="IOException">The file cannot be used; the message says what to do.</exception>
    public ImmutableArray<NamedToken> All
    {
        get
        {
            var list = TokenList.Read(path);
            return list.Fault is null ? list.Tokens : throw new IOException(list.Fault);
        }
    }

    /// <summary>Whether a token can be called so.</summary>
    public static bool IsName(string name) => Names().IsMatch(name);

    /// <returns>The valid token that was shown; null: it is none.</returns>
    public NamedToken? Find(string shown, DateTimeOffset now) => Current.WithHash(HashOf(shown)) is { } token && token.IsValidAt(now) ? token : null;

    /// <returns>The valid token of that name; null: there is none.</returns>
    public NamedToken? Named(string name, DateTimeOffset now) => Current.Named(name) is { } token && token.IsValidAt(now) ? token : null;

    /// <summary>Not revoked, replaced or expired since it was shown.</summary>
    public bool IsStillValid(NamedToken token, DateTimeOffset now) => Current.WithHash(token.Hash) == token && token.IsValidAt(now);

    /// <returns>The token itself, which is kept nowhere.</returns>
    /// <exception cref="ArgumentException">The name is none, or taken.</exception>
    /// <exception cref="IOException">The file cannot be used; the message names it.</exception>
    public AccessToken Create(string name, ApiRole role, DateTimeOffset? expires, DateTimeOffset now)
    {
        if (!IsName(name))
            throw new ArgumentException($"\"{name}\" is no name for a token: give lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64.");
        var made = AccessToken.Create();
        Change(tokens =>
        {
            if (tokens.Find(token => token.Name == name) is { } taken && taken.IsValidAt(now))
                throw new ArgumentException($"There is a token \"{name}\" already. Give another name, or revoke it first: jf token revoke {name}");
            tokens.RemoveAll(token => token.Name == name);
            tokens.Add(new NamedToken(name, role, HashOf(made.Text), now, expires));
        });
        return made;
    }

    /// <returns>False: there was none of that name.</returns>
    /// <exception cref="IOException">The file cannot be used; the message names it.</exception>
    public bool Revoke(string name)
    {
        var removed = 0;
        Change(tokens => removed = tokens.RemoveAll(token => token.Name == name));
        return removed > 0;
    }

    private TokenList Current
    {
        get
        {
            var stamp = Stamp.Of(path);
            if (known is { } before && before.Stamp == stamp && DateTime.UtcNow - stamp.Written > Coarse)
                return before.List;
            var list = TokenList.Read(path);
            if (list.Fault is not null && list.Fault != known?.List.Fault)
                warn?.Invoke(list.Fault);
            known = new Known(stamp, list);
            return list;
        }
    }

    private void Change(Action<List<NamedToken>> change)
    {
        using var held = HeldFile.Open(path + ".lock", FileMode.OpenOrCreate);
        var tokens = All.ToList();
        change(tokens);
        new TokenList([.. tokens.OrderBy(token => token.Name, StringComparer.Ordinal)]).Write(path);
    }

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex Names();

    private sealed record Known(Stamp Stamp, TokenList List);

    /// <summary>By which a changed file is told from the one before.</summary>
    private readonly record struct Stamp(long Length, DateTime Written, UnixFileMode Mode)
    {
        public static Stamp Of(string path) => new FileInfo(path) is { Exists: true } file ? new(file.Length, file.LastWriteTimeUtc, file.UnixFileMode) : default;
    }
}
