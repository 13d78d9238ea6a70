using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Why a request was not done, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">The cause and the way out, whole sentences.</param>
/// <param name="Errors">Every fault of a spec, a line each, as <c>file:line:column: key path: what is wrong</c>; empty for other problems.</param>
public sealed record ApiProblem(string Title, int Status, string Detail, ImmutableArray<string> Errors);

/// <summary>A request cannot be done, for a reason that its sender is told.</summary>
public sealed class ApiException(int status, string title, string detail, params ImmutableArray<string> errors) : Exception(detail)
{
    public ApiProblem Problem { get; } = new(title, status, detail, errors);

    public static ApiException NotFound(string what) => new(404, "Not found", what);

    public static ApiException BadRequest(string why) => new(400, "Bad request", why);

    public static ApiException Away(string why) =>
        new(503, "The coordinator is away", $"{why} Runs go on meanwhile; the server tries again every second, so repeat the request once that is put right.");
}
