using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class PlaygroundApiTests : IAsyncLifetime
{
    private readonly TemporaryExperiment experiment = new(new FixtureRun("early", Fusion.Early));
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
    private FakeDesk desk = null!;
    private DashboardHost host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var tokens = new TokenBook(Path.Combine(experiment.Folder.Path, "tokens.json"));
        var viewer = tokens.Create("ann", ApiRole.Viewer, null, DateTimeOffset.UtcNow.AddDays(-1));
        desk = new FakeDesk(experiment.Folder, () => FakeFeed.Cluster(LiveRunState.Training, "one/early"));
        host = await DashboardHost.StartAsync(
            new DashboardOptions { Tokens = tokens }, new FakeFeed(), new LiveSource("root", false, _ => experiment.Folder.Run("early")), desk, TimeProvider.System, Cancel);
        client.BaseAddress = host.Url;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", viewer.Text);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
        experiment.Dispose();
    }

    [Fact]
    public async Task Should_pass_text_picture_and_task_on_when_a_viewer_asks()
    {
        var answer = await AskAsync("""{"text":"a red heart","picture":"AQID","task":7,"top":3,"step":20}""");

        var asked = Assert.Single(desk.Retrievers.Asked);
        Assert.Equal(("one", "early", 20, "a red heart", 7, 3), (asked.Experiment, asked.Run, asked.Step, asked.Text, asked.Task, asked.Top));
        Assert.Equal([1, 2, 3], asked.Picture!);
        Assert.Equal(200, answer.Status);
        var told = JsonSerializer.Deserialize(answer.Body, ApiJson.Default.PlaygroundAnswer)!;
        Assert.Equal(["did:1", "did:2", "did:3"], told.Hits.Select(hit => hit.Did));
    }

    [Theory]
    [InlineData("{}", 400, "give a text, a picture, or both")]
    [InlineData("""{"text":"a","top":51}""", 400, "top is from 1 to 50")]
    [InlineData("""{"text":""", 400, "no question in JSON")]
    [InlineData("null", 400, "no question in JSON")]
    public async Task Should_say_what_is_wrong_when_a_question_is_none(string body, int status, string words)
    {
        var answer = await AskAsync(body);

        Assert.Equal(status, answer.Status);
        Assert.Contains(words, JsonSerializer.Deserialize(answer.Body, ApiJson.Default.ApiProblem)!.Detail, StringComparison.Ordinal);
        Assert.Empty(desk.Retrievers.Asked);
    }

    [Fact]
    public async Task Should_answer_404_when_there_is_no_such_run()
    {
        var answer = await client.PostAsync("/api/v1/runs/one/late/search", new StringContent("""{"text":"a"}"""), Cancel);

        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Should_serve_the_picture_of_a_candidate_and_of_a_query()
    {
        var candidate = await client.GetAsync("/api/v1/runs/one/early/candidates/picture?id=did%3A1", Cancel);
        var query = await client.GetAsync("/api/v1/runs/one/early/queries/picture?id=test%3A4", Cancel);

        Assert.Equal(("image/svg+xml", "image/svg+xml"), (candidate.Content.Headers.ContentType?.MediaType, query.Content.Headers.ContentType?.MediaType));
        Assert.Equal(new FixtureCatalog().Candidate("did:1")!.Picture!.Bytes.ToArray(), await candidate.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Contains("default-src 'none'", string.Join(' ', candidate.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal); // A picture that is a page does nothing.
    }

    private async Task<(int Status, string Body)> AskAsync(string body)
    {
        var answer = await client.PostAsync("/api/v1/runs/one/early/search", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
