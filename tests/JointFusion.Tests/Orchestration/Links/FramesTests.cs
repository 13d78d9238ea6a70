using System.Buffers.Binary;
using System.Text;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class FramesTests
{
    [Fact]
    public void Should_come_back_in_order_when_frames_are_written()
    {
        using var stream = new MemoryStream();
        Frames.Write(stream, "one"u8);
        Frames.Write(stream, "two"u8);
        stream.Position = 0;
        Assert.Equal("one", Encoding.UTF8.GetString(Frames.Read(stream)!));
        Assert.Equal("two", Encoding.UTF8.GetString(Frames.Read(stream)!));
        Assert.Null(Frames.Read(stream));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Frames.MaxBytes + 1)]
    [InlineData(int.MaxValue)]
    public void Should_refuse_before_reading_on_when_a_length_is_not_allowed(int length)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        using var stream = new MemoryStream(bytes);
        Assert.Throws<LinkProtocolException>(() => Frames.Read(stream));
        Assert.Equal(4, stream.Position);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Should_say_so_when_the_stream_ends_within_a_frame(int bytes)
    {
        using var whole = new MemoryStream();
        Frames.Write(whole, "four"u8);
        using var torn = new MemoryStream(whole.ToArray()[..bytes]);
        Assert.Throws<EndOfStreamException>(() => Frames.Read(torn));
    }

    [Theory]
    [InlineData("{\"type\":\"format_disk\"}")]
    [InlineData("{\"run\":\"early\"}")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("{\"type\":\"stop\"}")]
    [InlineData("{\"$type\":\"System.Diagnostics.Process\"}")]
    public void Should_refuse_when_a_frame_is_not_one_of_the_messages(string json)
    {
        using var stream = new MemoryStream();
        Frames.Write(stream, Encoding.UTF8.GetBytes(json));
        stream.Position = 0;
        using var link = new MessageLink<WorkerMessage, AgentMessage>(
            stream, LinkJson.Default.WorkerMessage, LinkJson.Default.AgentMessage, new DropOldestQueue<WorkerMessage>(1, _ => true));
        Assert.Throws<LinkProtocolException>(() => link.ReadToEnd(_ => true));
    }

    [Fact]
    public void Should_refuse_when_a_payload_is_too_long_to_send() =>
        Assert.Throws<LinkProtocolException>(() => Frames.Write(Stream.Null, new byte[Frames.MaxBytes + 1]));
}
