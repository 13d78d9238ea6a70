using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace JointFusion.Dashboard;

/// <summary>Who asks, as proven by what they have shown.</summary>
/// <param name="Name">Of the token: what the journal, the audit log and a run's status say of who did it.</param>
/// <param name="Token">Null: the server's own, which nobody can revoke, or a member's certificate.</param>
internal sealed record ApiCaller(string Name, ApiRole Role, NamedToken? Token = null)
{
    /// <summary>Whether an experiment is theirs to command; one of nobody in particular is everybody's.</summary>
    public bool MayCommand(string? owner) => Role == ApiRole.Admin || owner is null || owner == Name;
}

internal static class ApiCallers
{
    /// <summary>Whom <see cref="TokenGuard"/> has let in.</summary>
    public static ApiCaller Caller(this HttpContext context) => context.Features.GetRequiredFeature<ApiCaller>();
}
