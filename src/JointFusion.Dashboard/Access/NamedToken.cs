namespace JointFusion.Dashboard;

/// <summary>One line of a <see cref="TokenBook"/>.</summary>
/// <param name="Hash">SHA-256 of the token, hexadecimal. It has 192 random bits, so that no slow hash is needed.</param>
/// <param name="Expires">Worth nothing from then on; null: never.</param>
public sealed record NamedToken(string Name, ApiRole Role, string Hash, DateTimeOffset Created, DateTimeOffset? Expires)
{
    public bool IsValidAt(DateTimeOffset now) => Expires is null || now < Expires;
}
