using System.Net;
using System.Net.Sockets;
using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A browser with the cookie of a server that stands by comes to the one that leads.</summary>
public sealed class HandOverTests : IAsyncLifetime
{
    private static readonly byte[] Key = [1, 2, 3];

    private readonly DashboardOptions standby = new() { Command = "jf serve", ClusterKey = Key };
    private readonly DashboardOptions leader = new() { Command = "jf serve", ClusterKey = Key, Url = new Uri($"http://127.0.0.1:{FreePort()}") };
    private readonly Clock clock = new();
    private readonly HttpClient browser = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private StandbyHost from = null!, to = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        from = await StandbyHost.StartAsync(standby, Cancel);
        to = await StandbyHost.StartAsync(leader, Cancel); // What is behind the door does not matter: without a cookie it says 401.
        to.Tell(new StandbyView(null, "About to lead."));
        from.Tell(new StandbyView(leader.Url, ""));
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await from.DisposeAsync();
        await to.DisposeAsync();
    }

    [Fact]
    public async Task Should_be_let_in_by_the_leader_once_and_show_no_token_when_its_page_is_opened_at_another_server()
    {
        var opened = await browser.GetAsync(new Uri(from.Url, $"/?token={standby.Token.Text}"), Cancel);
        var cookie = CookieOf(opened);
        using var asked = new HttpRequestMessage(HttpMethod.Get, from.Url) { Headers = { { "Cookie", cookie } } };
        var referred = await browser.SendAsync(asked, Cancel);
        var ticket = referred.Headers.Location!;

        Assert.Equal((HttpStatusCode.TemporaryRedirect, leader.Url.Port, "/"), (referred.StatusCode, ticket.Port, ticket.AbsolutePath));
        Assert.DoesNotContain(standby.Token.Text, ticket.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(leader.Url, Cancel)).StatusCode);
        var admitted = await browser.GetAsync(ticket, Cancel);
        Assert.Equal((HttpStatusCode.Redirect, "/"), (admitted.StatusCode, admitted.Headers.Location!.ToString()));
        using var inside = new HttpRequestMessage(HttpMethod.Get, leader.Url) { Headers = { { "Cookie", CookieOf(admitted) } } };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.SendAsync(inside, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(ticket, Cancel)).StatusCode); // Whoever reads it later, in a log, gets nothing.
    }

    [Fact]
    public async Task Should_get_no_ticket_when_it_is_a_script_or_asks_for_data()
    {
        using var script = new HttpRequestMessage(HttpMethod.Get, from.Url) { Headers = { { "Authorization", $"Bearer {standby.Token.Text}" } } };
        Assert.Equal(leader.Url.ToString(), (await browser.SendAsync(script, Cancel)).Headers.Location!.ToString());
        using var data = new HttpRequestMessage(HttpMethod.Get, new Uri(from.Url, "/api/v1/runs"))
        {
            Headers = { { "Cookie", CookieOf(await browser.GetAsync(new Uri(from.Url, $"/?token={standby.Token.Text}"), Cancel)) } },
        };
        Assert.Equal($"{leader.Url}api/v1/runs", (await browser.SendAsync(data, Cancel)).Headers.Location!.ToString());
    }

    [Fact]
    public void Should_know_the_owner_of_a_named_token_as_what_they_are_when_that_is_handed_over()
    {
        var folder = Directory.CreateTempSubdirectory("jf-hand-over-");
        var tokens = new TokenBook(Path.Combine(folder.FullName, "tokens.json"));
        var token = tokens.Create("ann", ApiRole.Viewer, null, clock.GetUtcNow());
        var ann = Of(standby with { Tokens = tokens }).Callers.ByToken(token.Text)!;
        var ticket = TicketOf(standby with { Tokens = tokens }, ann);

        var known = Of(leader with { Tokens = tokens }).HandOver.CallerOf(ticket)!;
        Assert.Equal(("ann", ApiRole.Viewer), (known.Name, known.Role));
        tokens.Revoke("ann");
        Assert.Null(Of(leader with { Tokens = tokens }).HandOver.CallerOf(ticket));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("no key")]
    [InlineData("another server")]
    [InlineData("too late")]
    [InlineData("longer")]
    [InlineData("another name")]
    [InlineData("no ticket")]
    public void Should_let_nobody_in_when_a_ticket_is_not_for_it(string fault)
    {
        var ticket = TicketOf(standby, Of(standby).Callers.ByToken(standby.Token.Text)!);
        Assert.NotNull(Of(leader).HandOver.CallerOf(ticket));
        var asked = fault switch
        {
            "another key" => leader with { ClusterKey = [1, 2, 4] },
            "no key" => leader with { ClusterKey = null },
            "another server" => leader with { Url = new Uri("http://127.0.0.1:1") },
            _ => leader,
        };
        if (fault == "too late")
            clock.Now += TimeSpan.FromSeconds(61);
        var parts = ticket.Split('~');
        var shown = fault switch
        {
            "longer" => string.Join('~', parts[0], long.Parse(parts[1]) + 1, parts[2], parts[3]),
            "another name" => $"ann{ticket}",
            "no ticket" => "a~b~c~d",
            _ => ticket,
        };

        Assert.Null(Of(asked).HandOver.CallerOf(shown));
    }

    [Fact]
    public void Should_send_nobody_from_tls_to_plain_text()
    {
        Assert.Null(Of(leader).HandOver.AddressAt(new Uri("https://10.0.0.1:7420"), new ApiCaller("me", ApiRole.Admin)));
        Assert.StartsWith("http://127.0.0.1:7/?ticket=~", Of(leader).HandOver.AddressAt(new Uri("http://127.0.0.1:7"), new ApiCaller("me", ApiRole.Admin)), StringComparison.Ordinal);
    }

    private string TicketOf(DashboardOptions sender, ApiCaller caller) => Of(sender).HandOver.AddressAt(leader.Url, caller)!.Split("?ticket=")[1];

    private (Callers Callers, HandOver HandOver) Of(DashboardOptions options)
    {
        var callers = new Callers(options, clock);
        return (callers, new HandOver(options, callers, clock));
    }

    private static string CookieOf(HttpResponseMessage answer) => answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
