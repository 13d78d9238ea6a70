using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>An <see cref="ApiCaller"/> as the user of a request: a page lives on a socket of its own, which knows the user of the request that opened it and nothing else of it.</summary>
internal static class CallerClaims
{
    private const string Scheme = "token", Role = "role", Address = "address";

    public static ClaimsPrincipal Of(ApiCaller caller, HttpContext context) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, caller.Name),
            new Claim(Role, caller.Role.ToString()),
            new Claim(Address, context.Connection.RemoteIpAddress?.ToString() ?? IPAddress.None.ToString()),
        ],
        Scheme));

    /// <exception cref="InvalidOperationException">The page was opened past <see cref="TokenGuard"/>.</exception>
    public static (ApiCaller Caller, string? Address) Read(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true, Name: { } name }
        ? (new ApiCaller(name, Enum.Parse<ApiRole>(user.FindFirstValue(Role)!)), user.FindFirstValue(Address))
        : throw new InvalidOperationException("A page was opened by nobody.");
}
