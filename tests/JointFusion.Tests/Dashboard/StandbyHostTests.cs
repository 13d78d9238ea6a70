using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public sealed class StandbyHostTests : IAsyncLifetime
{
    private readonly DashboardOptions options = new() { Command = "jf serve" };
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private StandbyHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await StandbyHost.StartAsync(options, Cancel);
        client.BaseAddress = host.Url;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token.Text);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/v1/runs/one/early/metrics?since=3&x=%2F", "http://127.0.0.1:7420/api/v1/runs/one/early/metrics?since=3&x=%2F")]
    [InlineData("//elsewhere.example/api", "http://127.0.0.1:7420//elsewhere.example/api")]
    public async Task Should_refer_to_the_same_path_of_the_leader_when_one_leads(string path, string leader)
    {
        host.Tell(new StandbyView(new Uri("http://127.0.0.1:7420"), ""));

        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Put, host.Url.GetLeftPart(UriPartial.Authority) + path), Cancel);

        Assert.Equal((HttpStatusCode.TemporaryRedirect, leader), (answer.StatusCode, answer.Headers.Location!.OriginalString));
        Assert.Equal("http://127.0.0.1:7420 leads: ask there.", (await ProblemAsync(answer)).Detail);
    }

    [Fact]
    public async Task Should_answer_503_with_the_reason_when_nobody_leads()
    {
        host.Tell(new StandbyView(null, "The database is away."));

        using var answer = await client.GetAsync("/api/v1/cluster", Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, (Uri?)null), (answer.StatusCode, answer.Headers.Location));
        Assert.StartsWith("The database is away. Runs go on", (await ProblemAsync(answer)).Detail, StringComparison.Ordinal);
        Assert.Equal("stands by", await client.GetStringAsync("/healthz", Cancel));
    }

    [Fact]
    public async Task Should_say_nothing_of_the_leader_when_the_token_is_missing()
    {
        host.Tell(new StandbyView(new Uri("http://127.0.0.1:7420"), ""));
        client.DefaultRequestHeaders.Authorization = null;

        using var answer = await client.GetAsync("/api/v1/cluster", Cancel);

        Assert.Equal((HttpStatusCode.Unauthorized, (Uri?)null), (answer.StatusCode, answer.Headers.Location));
    }

    private static async Task<ApiProblem> ProblemAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(Cancel), ApiJson.Default.ApiProblem)!;
}
