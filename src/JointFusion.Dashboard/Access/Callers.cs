namespace JointFusion.Dashboard;

/// <summary>From what is shown to who shows it: the server's own token, which is its owner's, and the named ones.</summary>
/// <remarks>A cookie is OWNER'S-SIGNATURE, or NAME~SIGNATURE for a named token.</remarks>
internal sealed class Callers(DashboardOptions options, TimeProvider clock)
{
    private const char Separator = '~';
    private readonly ApiCaller owner = new(options.Owner, ApiRole.Admin);

    public ApiCaller? ByToken(string? shown)
    {
        if (options.Token.Is(shown))
            return owner;
        return shown is null || options.Tokens?.Find(shown, clock.GetUtcNow()) is not { } named ? null : Of(named);
    }

    public ApiCaller? ByCookie(string? shown, int port)
    {
        if (shown?.Split(Separator, 2) is not [var name, var signature])
            return AccessToken.Same(options.Token.CookieAt(port), shown) ? owner : null;
        return options.Tokens?.Named(name, clock.GetUtcNow()) is { } named && AccessToken.Same(options.Token.CookieAt(port, named), signature) ? Of(named) : null;
    }

    /// <param name="name">Of a named token; empty: the server's own.</param>
    public ApiCaller? ByName(string name) => name.Length == 0 ? owner : options.Tokens?.Named(name, clock.GetUtcNow()) is { } named ? Of(named) : null;

    public string CookieOf(ApiCaller caller, int port) =>
        caller.Token is { } named ? $"{named.Name}{Separator}{options.Token.CookieAt(port, named)}" : options.Token.CookieAt(port);

    /// <summary>Whether what was shown is still worth what it was then.</summary>
    public bool IsStillValid(ApiCaller caller) => caller.Token is not { } named || options.Tokens!.IsStillValid(named, clock.GetUtcNow());

    private static ApiCaller Of(NamedToken named) => new(named.Name, named.Role, named);
}
