using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Dashboard;

/// <summary>Lets a server that leads take in a browser that another one of its cluster knows. No token travels: a ticket does, good for one opening within a minute.</summary>
/// <remarks>
///   standby  GET / with its cookie  -> LEADER/?ticket=T   for this caller and LEADER alone, signed with the key that the cluster's servers share
///   leader   GET /?ticket=T         -> cookie, on to /    once
/// A ticket is NAME~END~NONCE~SIGNATURE, with no name for the server's own token.
/// </remarks>
internal sealed class HandOver(DashboardOptions options, Callers callers, TimeProvider clock)
{
    public const string Parameter = "ticket";
    private const char Separator = '~';
    private const int NonceDigits = 32;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> used = new(StringComparer.Ordinal);

    /// <summary>Where a browser goes on to that this server has let in; null: this server has no key in common with others, or would send it from TLS to plain text.</summary>
    public string? AddressAt(Uri leader, ApiCaller caller)
    {
        if (options.ClusterKey is not { } key || leader.Scheme != Own.Scheme)
            return null;
        var end = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var words = string.Create(CultureInfo.InvariantCulture, $"{caller.Token?.Name}{Separator}{end}{Separator}{RandomNumberGenerator.GetHexString(NonceDigits, lowercase: true)}");
        return $"{OriginOf(leader)}/?{Parameter}={words}{Separator}{Sign(key, words, caller, leader)}";
    }

    /// <returns>Whom another server has sent; null: the ticket is none, for another server, too old, or was shown before.</returns>
    public ApiCaller? CallerOf(string? ticket)
    {
        if (options.ClusterKey is not { } key || ticket?.Split(Separator) is not [var name, var end, var nonce, var signature])
            return null;
        var now = clock.GetUtcNow();
        if (callers.ByName(name) is not { } caller || !AccessToken.Same(Sign(key, $"{name}{Separator}{end}{Separator}{nonce}", caller, Own), signature))
            return null;
        var until = DateTimeOffset.FromUnixTimeSeconds(long.Parse(end, CultureInfo.InvariantCulture)); // As a server wrote it.
        return now < until && IsFirst(nonce, until, now) ? caller : null;
    }

    private Uri Own => options.Secure?.Url ?? options.Url;

    private bool IsFirst(string nonce, DateTimeOffset until, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var (old, _) in used.Where(known => known.Value <= now).ToList())
                used.Remove(old);
            return used.TryAdd(nonce, until);
        }
    }

    private static string Sign(byte[] key, string words, ApiCaller caller, Uri leader) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{words}{Separator}{caller.Token?.Hash}@{OriginOf(leader)}")));

    private static string OriginOf(Uri server) => server.GetLeftPart(UriPartial.Authority);
}
