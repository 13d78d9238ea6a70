using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Serialization;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Frames by the hundred that are almost right, on each of the ways by which processes talk: each is understood or refused, by the one exception that says so.</summary>
public sealed class TransportFuzzTests
{
    private const int Frames500 = 500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Should_understand_or_refuse_when_frames_of_the_worker_link_are_mutated()
    {
        var mutations = new Mutations(seed: 2);
        var toWorker = LinkJsonTests.ToWorker.Select(message => Framed(message, LinkJson.Default.AgentMessage)).ToArray();
        var toAgent = LinkJsonTests.ToAgent.Select(message => Framed(message, LinkJson.Default.WorkerMessage)).ToArray();
        var refused = 0;
        for (var i = 0; i < Frames500; i++)
        {
            refused += IsRefused(mutations.Of(mutations.One(toWorker)), LinkJson.Default.WorkerMessage, LinkJson.Default.AgentMessage) ? 1 : 0;
            refused += IsRefused(mutations.Of(mutations.One(toAgent)), LinkJson.Default.AgentMessage, LinkJson.Default.WorkerMessage) ? 1 : 0;
        }

        Assert.InRange(refused, Frames500 / 2, 2 * Frames500 - 1);
    }

    [Fact]
    public void Should_end_a_worker_with_words_when_its_agent_sends_nonsense()
    {
        var mutations = new Mutations(seed: 3);
        for (var i = 0; i < 50; i++)
        {
            using var link = new HalfLink([.. Framed(new AgentMessage.Stop("early", 1), LinkJson.Default.AgentMessage), .. mutations.Of(Framed(LinkJsonTests.ToWorker[0], LinkJson.Default.AgentMessage))]);
            using var session = new WorkerSession(link, new FakeReplica(FakeReplica.TrainToTheEnd));
            try
            {
                Assert.True(session.Run());
            }
            catch (LinkProtocolException refused)
            {
                Assert.StartsWith("A frame", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Should_take_or_refuse_when_messages_of_members_are_mutated()
    {
        var mutations = new Mutations(seed: 4);
        using var system = ActorSystem.Create("fuzz", "akka.stdout-loglevel = OFF\nakka.loglevel = OFF");
        var serializer = new ProtocolSerializer((ExtendedActorSystem)system);
        var state = ClusterState.Empty(new ClusterLimits()).After(new SubmitRun(ClusterFixture.Order("early", 1)));
        var (taken, refused) = (0, 0);
        for (var i = 0; i < 2 * Frames500; i++)
        {
            var example = mutations.One(ProtocolSerializerTests.Examples);
            object message;
            try
            {
                message = serializer.FromBinary(mutations.Of(serializer.ToBinary(example)), serializer.Manifest(example));
            }
            catch (SerializationException)
            {
                refused++;
                continue;
            }
            taken++;
            if (message is ClusterCommand command)
                state = state.After(command); // What can be read can be done: no message stops the coordinator.
        }
        await system.Terminate();

        Assert.InRange(refused, Frames500 / 2, 2 * Frames500);
        Assert.InRange(taken, 20, 2 * Frames500);
    }

    [Fact]
    public async Task Should_hang_up_and_go_on_when_bytes_at_the_port_of_members_are_no_handshake()
    {
        var mutations = new Mutations(seed: 5);
        await using var cluster = new HostedCluster();
        await cluster.StartCoordinatorAsync();
        var place = new Uri(cluster.Coordinator!.Place.Seed);
        var hello = await ClientHelloAsync();
        for (var batch = 0; batch < Frames500; batch += 25)
            await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => KnockAsync(place, mutations.Number(3) == 0 ? mutations.Noise(mutations.Number(3000) + 1) : mutations.Of(hello))));

        Assert.Empty((await cluster.Client.Snapshot()).Nodes);
        await using var host = new ThreadReplicaHost(FakeReplica.TrainToTheEnd);
        cluster.StartAgent("member", host);
        await cluster.Client.Submit(ClusterFixture.Order("early", 1));
        var end = await cluster.UntilAsync(snapshot => snapshot.AllRunsTerminal);
        Assert.Equal((RunState.Succeeded, 1), (end.Runs[0].State, end.Runs[0].Generation));
    }

    private static byte[] Framed<T>(T message, JsonTypeInfo<T> type)
    {
        using var stream = new MemoryStream();
        Frames.Write(stream, JsonSerializer.SerializeToUtf8Bytes(message, type));
        return stream.ToArray();
    }

    private static bool IsRefused<TSend, TReceive>(byte[] bytes, JsonTypeInfo<TSend> sends, JsonTypeInfo<TReceive> receives)
        where TReceive : class
    {
        using var link = new MessageLink<TSend, TReceive>(new MemoryStream(bytes), sends, receives, new DropOldestQueue<TSend>(1, _ => true));
        try
        {
            link.ReadToEnd(_ => true);
            return false;
        }
        catch (LinkProtocolException refused)
        {
            Assert.StartsWith("A frame", refused.Message, StringComparison.Ordinal);
            return true;
        }
    }

    /// <summary>What a member says first, as it goes over the wire.</summary>
    private static async Task<byte[]> ClientHelloAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        using var server = await listener.AcceptTcpClientAsync(Cancel);
        await using var tls = new SslStream(client.GetStream());
        var saying = tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "coordinator", RemoteCertificateValidationCallback = (_, _, _, _) => true }, Cancel);
        var hello = new byte[4096];
        var length = await server.GetStream().ReadAsync(hello, Cancel);
        server.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => saying);
        return hello[..length];
    }

    /// <summary>Returns once the other side has hung up, or has gone on with the handshake, for which there is no certificate here.</summary>
    private static async Task KnockAsync(Uri place, byte[] bytes)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(place.Host), place.Port, limit.Token);
            await socket.SendAsync(bytes, limit.Token);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(new byte[4096], limit.Token) > 0)
            {
            }
        }
        catch (Exception hungUp) when (hungUp is SocketException or IOException or AuthenticationException)
        {
            // As it should.
        }
    }

    /// <summary>Reads what it is given and swallows what is written.</summary>
    private sealed class HalfLink(byte[] given) : MemoryStream(given, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }
    }
}

internal static class ClusterStates
{
    /// <summary>After a command and all that follows from it.</summary>
    public static ClusterState After(this ClusterState state, ClusterCommand command) =>
        state.Process(command, Samples.Noon).Aggregate(state, (before, change) => before.Apply(change));
}
