using System.Net;
using System.Net.Sockets;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Who gets into a ring, and what is said about those who do not.</summary>
public sealed class TcpFormationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    [Fact]
    public void Should_name_the_missing_rank_When_it_does_not_connect_in_time()
    {
        var listeners = Ranks.Listen(2);
        var error = Assert.Throws<PeerLostException>(() => TcpProcessGroup.Connect(
            listeners[0], Ranks.Assignment(listeners, 0), Short, null, TestContext.Current.CancellationToken));
        listeners[1].Dispose();
        Assert.Equal(1, error.PeerRank);
        Assert.Equal($"rank 1 ({listeners[1].Endpoint}) did not connect within 0.4 s.", error.Message);
    }

    [Fact]
    public void Should_throw_on_every_rank_When_one_of_four_is_missing()
    {
        var listeners = Ranks.Listen(4);
        var errors = Ranks.Try(Enumerable.Range(0, 3).Select<int, Action>(rank => () =>
            TcpProcessGroup.Connect(listeners[rank], Ranks.Assignment(listeners, rank), Short)));
        listeners[3].Dispose();
        Assert.All(errors, error => Assert.IsType<PeerLostException>(error));
        Assert.Contains(errors, error => error!.Message.StartsWith("rank 3 (", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_form_undisturbed_When_strangers_knock()
    {
        var listeners = Ranks.Listen(2);
        var strangers = Enumerable.Range(0, 100).Select(_ => Knock(listeners[0].Endpoint)).ToArray();
        strangers[0].Send(new byte[Random.Shared.Next(1, 400)]);
        strangers[1].Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8);
        strangers[2].Close(0);
        strangers[3].Send(new byte[1 << 20]);
        var sums = new float[2];
        var errors = Ranks.Try(Enumerable.Range(0, 2).Select<int, Action>(rank => () =>
        {
            using var group = TcpProcessGroup.Connect(listeners[rank], Ranks.Assignment(listeners, rank), Ranks.Patience);
            group.AllReduce(sums.AsSpan(rank, 1));
            group.Barrier();
        }));
        foreach (var stranger in strangers) stranger.Dispose();
        Assert.All(errors, Assert.Null);
    }

    [Fact]
    public void Should_form_undisturbed_When_500_handshakes_are_mutated()
    {
        var random = new Random(6);
        var listeners = Ranks.Listen(2);
        using var knocked = new ManualResetEventSlim();
        var sums = new float[2];
        var errors = Ranks.Try([
            () => Sum(0),
            () =>
            {
                knocked.Wait(Ranks.Patience);
                Sum(1);
            },
            () =>
            {
                try
                {
                    for (var i = 0; i < 500; i++) Misbehave(listeners[0].Endpoint, random);
                }
                finally
                {
                    knocked.Set();
                }
            },
        ]);
        Assert.All(errors, Assert.Null);
        Assert.Equal([3, 3], sums);

        void Sum(int rank)
        {
            sums[rank] = rank + 1;
            using var group = TcpProcessGroup.Connect(listeners[rank], Ranks.Assignment(listeners, rank), Ranks.Patience);
            group.AllReduce(sums.AsSpan(rank, 1));
            group.Barrier();
        }
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("generation")]
    [InlineData("run")]
    public void Should_refuse_a_rank_and_go_on_waiting_When_it_belongs_elsewhere(string difference)
    {
        var listeners = Ranks.Listen(2);
        var stale = TcpListenerSocket.Open("127.0.0.1");
        var right = Ranks.Assignment(listeners, 1);
        var wrong = difference switch
        {
            "secret" => right with { Secret = "another" },
            "generation" => right with { Generation = right.Generation - 1 },
            _ => right with { Run = "another" },
        };
        using var refused = new ManualResetEventSlim();
        var errors = Ranks.Try([
            () => TcpProcessGroup.Connect(listeners[0], Ranks.Assignment(listeners, 0), Ranks.Patience).Barrier(),
            () =>
            {
                refused.Wait(Ranks.Patience);
                TcpProcessGroup.Connect(listeners[1], right, Ranks.Patience).Barrier();
            },
            () =>
            {
                try
                {
                    TcpProcessGroup.Connect(stale, wrong, Ranks.Patience);
                }
                finally
                {
                    refused.Set();
                }
            },
        ]);
        Assert.Null(errors[0]);
        Assert.Null(errors[1]);
        var error = Assert.IsType<PeerLostException>(errors[2]);
        Assert.Contains("refused this rank", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_not_trust_a_listener_When_it_only_echoes()
    {
        using var impostor = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        impostor.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        impostor.Listen();
        var mine = TcpListenerSocket.Open("127.0.0.1");
        var assignment = Ranks.Assignment([mine, mine], 0) with { Endpoints = [mine.Endpoint, impostor.LocalEndPoint!.ToString()!] };
        var errors = Ranks.Try([
            () => TcpProcessGroup.Connect(mine, assignment, Ranks.Patience),
            () =>
            {
                using var victim = impostor.Accept();
                victim.Send([.. "JFRING01"u8, .. new byte[32]]);
                var proof = new byte[4096];
                var count = victim.Receive(proof);
                victim.Send(proof, count - 32, 32, SocketFlags.None); // the victim's own proof, reflected
                victim.Receive(proof);
            },
        ]);
        Assert.Contains("does not know the run's secret", Assert.IsType<PeerLostException>(errors[0]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_give_up_joining_When_cancelled()
    {
        var listeners = Ranks.Listen(2);
        using var abort = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(
            () => TcpProcessGroup.Connect(listeners[0], Ranks.Assignment(listeners, 0), Ranks.Patience, null, abort.Token));
        listeners[1].Dispose();
    }

    [Fact]
    public void Should_say_which_host_When_it_cannot_be_listened_on()
    {
        var error = Assert.Throws<IOException>(() => TcpListenerSocket.Open("203.0.113.7"));
        Assert.Contains("203.0.113.7", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Waits for the challenge, as a rank would, and answers with a proof that is too short, too long, of another magic, or the challenge itself.</summary>
    private static void Misbehave(string endpoint, Random random)
    {
        using var stranger = Knock(endpoint);
        stranger.ReceiveTimeout = 5000;
        var challenge = new byte[40];
        var proof = new byte[random.Next(1, 400)];
        random.NextBytes(proof);
        try
        {
            var received = stranger.Receive(challenge);
            if (random.Next(2) == 0) challenge.AsSpan(0, Math.Min(8, proof.Length)).CopyTo(proof); // The right magic.
            if (random.Next(4) == 0) challenge.AsSpan(0, Math.Min(received, proof.Length)).CopyTo(proof);
            stranger.Send(proof);
            if (random.Next(2) == 0) stranger.Close(0);
        }
        catch (SocketException)
        {
            // Hung up on, as one of too many.
        }
    }

    private static Socket Knock(string endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(endpoint));
        return socket;
    }
}
