using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JointFusion.Dashboard;

/// <summary>Stands before every endpoint of the API: asks for its role, makes problems of what goes wrong, and has the audit log written before the answer goes out.</summary>
internal sealed class ApiGate(DashboardOptions options, TimeProvider clock, ILogger<ApiGate> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var (caller, demand) = (http.Caller(), Demand.Of(http));
        var isRefused = caller.Role < demand.Role;
        var answer = isRefused ? Problem(Refusal(caller, demand)) : await AnswerAsync(context, next);
        if (isRefused || demand.Command is not null)
            Audit(http, caller, demand, answer);
        return answer;
    }

    internal static ApiProblem Refusal(ApiCaller caller, Demand demand) => new(
        "Not allowed", StatusCodes.Status403Forbidden,
        $"\"{caller.Name}\" is a {Name(caller.Role)}: to {demand.Command} takes {Article(demand.Role)} token. Ask the server's administrator for one: jf token create NAME --role {Name(demand.Role)}", []);

    private static string Article(ApiRole role) => role == ApiRole.Admin ? "an admin's" : $"a {Name(role)}'s";

    private static string Name(ApiRole role) => role.ToString().ToLowerInvariant();

    private static IResult Problem(ApiProblem problem) => Results.Json(problem, ApiJson.Default.ApiProblem, ServerApi.ProblemType, problem.Status);

    private async Task<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ApiException refused)
        {
            return Problem(refused.Problem);
        }
        catch (BadHttpRequestException malformed)
        {
            return Problem(new ApiProblem("Bad request", malformed.StatusCode, malformed.Message, []));
        }
        catch (Exception defect) when (defect is not OperationCanceledException)
        {
            log.LogError(defect, "{Method} {Path}", context.HttpContext.Request.Method, context.HttpContext.Request.Path);
            return Problem(new ApiProblem("A defect of the server", StatusCodes.Status500InternalServerError, $"{defect.GetType().Name}: {defect.Message} Please report it, with the request.", []));
        }
    }

    private void Audit(HttpContext http, ApiCaller caller, Demand demand, object? answer)
    {
        var status = (answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
        var why = ((answer as IValueHttpResult)?.Value as ApiProblem)?.Title;
        var outcome = string.Create(CultureInfo.InvariantCulture, $"{status}{(why is null ? "" : $" {why}")}");
        options.Audit?.Add(new AuditEntry(
            clock.GetUtcNow(), caller.Name, caller.Role, http.Connection.RemoteIpAddress?.ToString(), demand.Command ?? http.Request.Method, On(http), outcome));
    }

    /// <summary>What the route names: EXPERIMENT, EXPERIMENT/RUN or NODE/WORKER.</summary>
    private static string On(HttpContext http) => http.Features.Get<AuditedOn>()?.Text ?? string.Join('/', http.Request.RouteValues.Values);
}
