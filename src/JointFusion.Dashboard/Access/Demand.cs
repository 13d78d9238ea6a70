using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>What an endpoint of the API does, and who may ask for it.</summary>
/// <param name="Command">In the audit log; null: it only tells something, which is not written down.</param>
internal sealed record Demand(ApiRole Role, string? Command)
{
    private static readonly Demand Look = new(ApiRole.Viewer, null);

    /// <summary>An endpoint that says nothing is everybody's to look at and the admins' to use.</summary>
    public static Demand Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Demand>()
        ?? (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? Look : new Demand(ApiRole.Admin, context.Request.Method));
}

internal static class Demands
{
    /// <summary>Only who has this role, or one above it, may give the command, and it is written down.</summary>
    public static RouteHandlerBuilder Demand(this RouteHandlerBuilder endpoint, ApiRole role, string command) => endpoint.WithMetadata(new Demand(role, command));
}
