using System.Security.Claims;
using JointFusion.Dashboard;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace JointFusion.Tests;

public sealed class VisitorTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-test-");
    private readonly List<string> done = [];

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(ApiRole.Viewer, null, "\"ann\" is a viewer: to submit takes a submitter's token.", "403 Not allowed")]
    [InlineData(ApiRole.Submitter, "bob", "\"one\" is bob's: to submit it takes bob's token or an admin's", "403 Not allowed")]
    [InlineData(ApiRole.Submitter, "ann", null, "200")]
    [InlineData(ApiRole.Submitter, null, null, "200")]
    [InlineData(ApiRole.Admin, "bob", null, "200")]
    public async Task Should_do_what_the_role_allows_and_write_down_either_way_when_a_page_acts(ApiRole role, string? owner, string? refusal, string outcome)
    {
        var audit = new AuditLog(Path.Combine(folder.FullName, "audit.jsonl"));
        var visitor = new Visitor(new Users(role), new DashboardOptions { Audit = audit }, TimeProvider.System);

        var problem = await visitor.DoAsync(ApiRole.Submitter, "submit", "one", owner, by =>
        {
            done.Add(by);
            return Task.CompletedTask;
        });

        Assert.Equal(refusal is null, problem is null);
        Assert.Contains(refusal ?? "", problem?.Detail ?? "", StringComparison.Ordinal);
        Assert.Equal(refusal is null ? ["ann"] : [], done);
        var line = Assert.Single(audit.Read());
        Assert.Equal(("ann", role, "submit", "one", outcome, "10.0.0.7"), (line.Who, line.Role, line.What, line.On, line.Outcome, line.From));
    }

    [Fact]
    public async Task Should_tell_why_when_the_server_refuses()
    {
        var visitor = new Visitor(new Users(ApiRole.Admin), new DashboardOptions(), TimeProvider.System);

        var problem = await visitor.DoAsync(ApiRole.Submitter, "submit", "one", null, _ => throw new ApiException(409, "The name is taken", "Give another."));

        Assert.Equal(("The name is taken", 409), (problem!.Title, problem.Status));
    }

    private sealed class Users(ApiRole role) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync()
        {
            var request = new DefaultHttpContext { Connection = { RemoteIpAddress = System.Net.IPAddress.Parse("10.0.0.7") } };
            ClaimsPrincipal user = CallerClaims.Of(new ApiCaller("ann", role), request);
            return Task.FromResult(new AuthenticationState(user));
        }
    }
}
