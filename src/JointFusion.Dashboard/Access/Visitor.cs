using System.Globalization;
using Microsoft.AspNetCore.Components.Authorization;

namespace JointFusion.Dashboard;

/// <summary>Who looks at a page. What they do there takes the roles that the API asks for, and is in the same audit log.</summary>
/// <remarks>Of one page. A token that is revoked cuts the page's socket: see <see cref="OpenRequests"/>.</remarks>
internal sealed class Visitor(AuthenticationStateProvider users, DashboardOptions options, TimeProvider clock)
{
    public async Task<ApiCaller> CallerAsync() => CallerClaims.Read((await users.GetAuthenticationStateAsync()).User).Caller;

    /// <summary>Does it in their name if they may, and has it written down either way.</summary>
    /// <param name="command">As the API calls it, such as submit.</param>
    /// <param name="on">What it is about: EXPERIMENT, EXPERIMENT/RUN or NODE/WORKER.</param>
    /// <param name="owner">Whose that is; null: nobody's in particular.</param>
    /// <param name="act">Takes their name.</param>
    /// <returns>Why it was not done; null: it was.</returns>
    public async Task<ApiProblem?> DoAsync(ApiRole role, string command, string on, string? owner, Func<string, Task> act)
    {
        var (caller, address) = CallerClaims.Read((await users.GetAuthenticationStateAsync()).User);
        var problem = await TryAsync(caller, new Demand(role, command), on, owner, act);
        var outcome = problem is null ? "200" : string.Create(CultureInfo.InvariantCulture, $"{problem.Status} {problem.Title}");
        options.Audit?.Add(new AuditEntry(clock.GetUtcNow(), caller.Name, caller.Role, address, command, on, outcome));
        return problem;
    }

    private static async Task<ApiProblem?> TryAsync(ApiCaller caller, Demand demand, string on, string? owner, Func<string, Task> act)
    {
        if (caller.Role < demand.Role)
            return ApiGate.Refusal(caller, demand);
        if (!caller.MayCommand(owner))
            return new ApiProblem("Not allowed", 403, $"\"{on}\" is {owner}'s: to {demand.Command} it takes {owner}'s token or an admin's, and \"{caller.Name}\" is a submitter.", []);
        try
        {
            await act(caller.Name);
            return null;
        }
        catch (ApiException refused)
        {
            return refused.Problem;
        }
    }
}
