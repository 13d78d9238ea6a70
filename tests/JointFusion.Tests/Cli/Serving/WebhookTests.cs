using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Cli;
using JointFusion.Orchestration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What an address outside is told of runs, over a real coordinator and agent.</summary>
public sealed class WebhookTests : IAsyncDisposable
{
    private const string Secret = "between us";
    private readonly HostedCluster cluster = new();
    private readonly ConcurrentQueue<string> told = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_tell_signed_what_failed_and_what_finished_and_go_on_when_the_receiver_is_away_at_first()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Refuses = 1;
        await cluster.StartCoordinatorAsync();
        using var webhook = new Webhook(receiver.Url, Secret, cluster.Client, told.Enqueue, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var running = webhook.RunAsync(stop.Token);
        await using var host = new ThreadReplicaHost(attempt => attempt.Order.Run == "one/bad" ? new ReplicaOutcome.Failed(FailureKind.NonFinite, "loss is NaN") : attempt.Train(3, _ => { }));
        cluster.StartAgent("member", host);
        await cluster.Client.Submit(ClusterFixture.Order("one/good", 1) with { User = "ann" });
        await cluster.Client.Submit(ClusterFixture.Order("one/bad", 1));

        var heard = await receiver.UntilAsync(3);

        Assert.Equal(heard[0].Body, heard[1].Body); // The one that was refused comes again.
        var messages = heard.Skip(1).Select(post => JsonDocument.Parse(post.Body).RootElement).ToDictionary(message => message.GetProperty("run").GetString()!);
        Assert.Equal(("finished", "one", "ann"), (messages["one/good"].GetProperty("event").GetString(), messages["one/good"].GetProperty("experiment").GetString(), messages["one/good"].GetProperty("user").GetString()));
        Assert.Equal("failed", messages["one/bad"].GetProperty("event").GetString());
        Assert.Contains("loss is NaN", messages["one/bad"].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.All(heard, post => Assert.Equal($"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(post.Body)))}", post.Signature));
        Assert.Empty(told);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(RunState.Training, "rank 0 is silent", "stalled")]
    [InlineData(RunState.Training, null, null)]
    [InlineData(RunState.Queued, "waits for 2 workers", null)]
    [InlineData(RunState.Paused, "paused by ann", null)]
    [InlineData(RunState.Failed, "why", "failed")]
    [InlineData(RunState.Succeeded, null, "finished")]
    public void Should_name_the_event_when_a_run_comes_into_a_state(RunState state, string? reason, string? happened)
    {
        var message = WebhookMessage.Of(new RunSnapshot("one/early", state, Samples.Noon, "adaptation", 2, reason, 60, [], User: "ann"), Samples.Noon);

        Assert.Equal(happened, message?.Event);
        if (message is not null)
            Assert.Equal(("one", "ann", reason, 2, 60), (message.Experiment, message.User, message.Reason, message.Attempt, message.Checkpoint));
    }

    /// <summary>A server of somebody else's.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication server;
        private readonly ConcurrentQueue<(string Body, string? Signature)> heard = new();

        private Receiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            server = builder.Build();
            server.MapPost("/hook", async (HttpRequest post) =>
            {
                using var reader = new StreamReader(post.Body);
                heard.Enqueue((await reader.ReadToEndAsync(Cancel), post.Headers[Webhook.SignatureHeader]));
                return Results.StatusCode(Refuses-- > 0 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent);
            });
        }

        public Uri Url => new(server.Urls.Single() + "/hook");

        /// <summary>So many are answered 503.</summary>
        public int Refuses { get; set; }

        public static async Task<Receiver> StartAsync()
        {
            var receiver = new Receiver();
            await receiver.server.StartAsync(Cancel);
            return receiver;
        }

        public async Task<List<(string Body, string? Signature)>> UntilAsync(int count)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            while (heard.Count < count)
                await Task.Delay(20, limit.Token);
            return [.. heard];
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
