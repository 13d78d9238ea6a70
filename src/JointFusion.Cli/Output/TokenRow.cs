using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>What <c>jf token ls</c> says of a token: nothing that it could be guessed or checked by.</summary>
/// <param name="Expires">Null: good until it is revoked.</param>
/// <param name="Valid">Now.</param>
internal sealed record TokenRow(string Name, ApiRole Role, DateTimeOffset Created, DateTimeOffset? Expires, bool Valid)
{
    public static TokenRow Of(NamedToken token, DateTimeOffset now) => new(token.Name, token.Role, token.Created, token.Expires, token.IsValidAt(now));
}
