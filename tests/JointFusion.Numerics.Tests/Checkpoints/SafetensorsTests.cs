using System.Buffers.Binary;
using System.Text;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Should_give_back_every_bit_When_read_again()
    {
        var tensors = Sample();
        var path = Write(tensors);
        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(tensors.Length, reader.Tensors.Length);
        foreach (var (name, tensor) in tensors)
        {
            using var read = reader.Read(name);
            Assert.Equal(tensor.dtype, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.Equal(tensor.bytes.ToArray(), read.bytes.ToArray());
        }
    }

    [Fact]
    public void Should_fill_tensors_in_place_When_they_exist()
    {
        var tensors = Sample();
        var path = Write(tensors);
        var targets = tensors.Select(named => named with { Tensor = zeros_like(named.Tensor) }).ToArray();
        using var reader = SafetensorsReader.Open(path);
        reader.ReadInto(targets);
        for (var i = 0; i < tensors.Length; i++) Assert.Equal(tensors[i].Tensor.bytes.ToArray(), targets[i].Tensor.bytes.ToArray());
    }

    [Fact]
    public void Should_fill_a_strided_parameter_When_it_needs_a_gradient()
    {
        var source = arange(6, ScalarType.Float32).view(2, 3);
        var path = Write([new("w", source)]);
        var target = zeros(3, 2, requires_grad: true);
        using var reader = SafetensorsReader.Open(path);
        reader.ReadInto("w", target.t());
        Assert.Equal([0f, 3, 1, 4, 2, 5], target.detach().data<float>().ToArray());
        Assert.False(target.IsInvalid);
    }

    [Fact]
    public void Should_be_the_published_format_When_written()
    {
        var path = Write([new("b", tensor(new byte[] { 7 })), new("a", tensor(new[] { 1f, 2f }))]);
        const string Json = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""";
        var bytes = File.ReadAllBytes(path);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, header % 8);
        Assert.Equal(Json, Encoding.UTF8.GetString(bytes, 8, header).TrimEnd(' '));
        Assert.Equal([0, 0, 128, 63, 0, 0, 0, 64, 7], bytes[(8 + header)..]);
    }

    [Fact]
    public void Should_skip_metadata_When_another_program_wrote_it()
    {
        var path = WriteRaw("""{"__metadata__":{"format":"pt"},"x":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}""", [128, 63]);
        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(1f, reader.Read("x").to(ScalarType.Float32).item<float>());
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "truncated")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "belong to no tensor")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "cannot have 4 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "cannot have 4 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]}}""", 4, "cannot have 4 bytes")]
    [InlineData("""{"x":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type F31")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "impossible place")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "impossible place")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to no tensor")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlaps")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'x' is there twice")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", 4, "not that of a safetensors file")]
    [InlineData("""{"x":3}""", 4, "not that of a safetensors file")]
    [InlineData("""[]""", 4, "not that of a safetensors file")]
    [InlineData("""{"x":""", 4, "not that of a safetensors file")]
    public void Should_say_what_is_wrong_When_the_header_lies(string json, int dataBytes, string cause)
    {
        var path = WriteRaw(json, new byte[dataBytes]);
        var error = Assert.Throws<CheckpointException>(() => SafetensorsReader.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "too few")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 }, "beyond the format's limit")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 1 }, "truncated")]
    public void Should_say_what_is_wrong_When_the_length_lies(byte[] bytes, string cause)
    {
        File.WriteAllBytes(folder["x"], bytes);
        Assert.Contains(cause, Assert.Throws<CheckpointException>(() => SafetensorsReader.Open(folder["x"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_tensor_When_type_shape_or_names_differ()
    {
        using var reader = SafetensorsReader.Open(Write([new("x", zeros(2, 3))]));
        Assert.Contains("'x' is F32, expected F64", Cause(() => reader.ReadInto("x", zeros(2, 3, ScalarType.Float64))), StringComparison.Ordinal);
        Assert.Contains("'x' has shape [2, 3], expected [3, 2]", Cause(() => reader.ReadInto("x", zeros(3, 2))), StringComparison.Ordinal);
        Assert.Contains("no tensor named 'y'", Cause(() => reader.Read("y")), StringComparison.Ordinal);
        Assert.Contains("no tensor named 'y'", Cause(() => reader.ReadInto([new("x", zeros(2, 3)), new("y", zeros(1))])), StringComparison.Ordinal);
        Assert.Contains("nothing here takes: 'x'", Cause(() => reader.ReadInto([])), StringComparison.Ordinal);
        static string Cause(Action action) => Assert.Throws<CheckpointException>(action).Cause;
    }

    [Fact]
    public void Should_refuse_to_write_When_a_tensor_cannot_be_streamed()
    {
        Assert.Throws<ArgumentException>(() => Write([new("x", zeros(2, 3).t())]));
        Assert.Throws<ArgumentException>(() => Write([new("x", zeros(1)), new("x", zeros(1))]));
        Assert.Throws<ArgumentException>(() => Write([new("x", zeros(1, ScalarType.ComplexFloat32))]));
    }

    [Fact]
    public void Should_read_or_refuse_and_never_crash_When_bytes_are_flipped_or_cut()
    {
        var whole = File.ReadAllBytes(Write(Sample()));
        var random = new Random(5);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 4_000; round++)
        {
            var bytes = whole[..(round % 2 == 0 ? whole.Length : random.Next(whole.Length))];
            for (var flips = random.Next(round % 2 == 0 ? 1 : 0, 4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(Math.Min(bytes.Length, random.Next(2) == 0 ? 700 : int.MaxValue))] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["fuzz"], bytes);
            try
            {
                using var reader = SafetensorsReader.Open(folder["fuzz"]);
                foreach (var entry in reader.Tensors) reader.Read(entry.Name).Dispose();
                read++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }
        Assert.Equal(4_000, read + refused);
        Assert.True(read > 100 && refused > 1_000, $"{read} read, {refused} refused");
    }

    private static NamedTensor[] Sample() =>
    [
        new("weight", randn(5, 7)), new("half", randn(3, 3).to(ScalarType.BFloat16)), new("moment", randn(4, ScalarType.Float64)),
        new("step", tensor(41L)), new("bytes", arange(11, ScalarType.Byte)), new("nothing", zeros(0, 4)), new("flag", tensor(true)),
        new("umlaut ü \"quoted\"", randn(2).to(ScalarType.Float16)),
    ];

    private string Write(NamedTensor[] tensors)
    {
        using var stream = File.Create(folder["x.safetensors"]);
        SafetensorsWriter.Write(stream, tensors);
        return stream.Name;
    }

    private string WriteRaw(string json, byte[] data)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(folder["raw.safetensors"], [.. length, .. header, .. data]);
        return folder["raw.safetensors"];
    }
}
