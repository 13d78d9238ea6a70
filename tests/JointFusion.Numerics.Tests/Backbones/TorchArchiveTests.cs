using System.IO.Compression;
using System.Text;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Files of torch.save: those that torch wrote are read, and a pickle that wants more than tensors is refused with nothing executed.</summary>
public sealed class TorchArchiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public TorchArchiveTests() => File.Copy(Path.Combine(GoldenFolder.Of("gemma"), "config.json"), folder["config.json"]);

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("wrapped.pth")]
    [InlineData("before-1.6.bin")]
    public void Should_hold_every_bit_When_torch_saved_the_weights(string file)
    {
        File.Copy(GoldenFolder.TorchSaved(file), folder[file]);
        using var saved = Backbone.Load(folder.Path, ScalarType.Float32, CPU);
        using var expected = Backbone.Load(GoldenFolder.Of("gemma"), ScalarType.Float32, CPU);
        Assert.Equal(29, expected.named_parameters().Count());
        Assert.All(expected.named_parameters().Zip(saved.named_parameters()), pair =>
        {
            Assert.Equal(pair.First.name, pair.Second.name);
            Assert.Equal(pair.First.parameter.bytes.ToArray(), pair.Second.parameter.bytes.ToArray());
        });
    }

    [Theory]
    [InlineData("posix", "system", false)]
    [InlineData("os", "system", false)]
    [InlineData("os", "system", true)]
    [InlineData("builtins", "eval", true)]
    [InlineData("torch.serialization", "load", false)]
    public void Should_refuse_it_by_name_and_execute_nothing_When_a_pickle_calls_a_function(string module, string name, bool fromStack)
    {
        byte[] function = fromStack ? [.. Text(module), .. Text(name), 0x93] : [.. Encoding.ASCII.GetBytes($"c{module}\n{name}\n")];
        // What pickle.loads would run: the function, MARK, its argument, TUPLE, REDUCE, STOP.
        WriteZip([0x80, 2, .. function, (byte)'(', .. Text($"touch {folder["executed"]}"), .. "tR."u8]);
        Assert.Equal($"cannot be used: the pickle asks for '{module}.{name}', which no state dict needs: it is refused, and nothing of it was executed.", Fault().Cause);
        Assert.False(File.Exists(folder["executed"]));
    }

    [Theory]
    [InlineData("i", "0x69")] // INST: a function by name, and a call of it
    [InlineData("o", "0x6F")] // OBJ: a call of what lies on the stack
    [InlineData("\u0081", "0x81")] // NEWOBJ
    [InlineData("\u0082", "0x82")] // EXT1: a function by number
    public void Should_refuse_it_When_a_pickle_has_another_way_to_call(string instruction, string code)
    {
        WriteZip([0x80, 2, (byte)'(', (byte)instruction[0], .. "os\nsystem\n."u8]);
        Assert.Contains($"the pickle has the instruction {code} at byte", Fault().Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_it_When_a_known_name_is_called_with_what_is_no_tensor()
    {
        WriteZip([0x80, 2, .. "ctorch._utils\n_rebuild_tensor_v2\n("u8, .. Text("x"), .. "tR."u8]);
        Assert.Contains("'torch._utils._rebuild_tensor_v2' is called with arguments that torch never writes", Fault().Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_tensor_When_it_reaches_beyond_its_storage()
    {
        var bytes = File.ReadAllBytes(GoldenFolder.TorchSaved("pytorch_model.bin"));
        // The first tensor's shape (120, 40), as BININT1 pairs before TUPLE2, becomes (121, 40).
        var shape = bytes.AsSpan().IndexOf((byte[])[(byte)'K', 120, (byte)'K', 40, 0x86]);
        bytes[shape + 1] = 121;
        File.WriteAllBytes(folder["pytorch_model.bin"], bytes);
        Assert.Contains("tensor 'model.embed_tokens.weight' reaches beyond the 19200 bytes of storage 0", Fault().Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("before-1.6.bin")]
    public void Should_read_or_refuse_and_never_crash_When_bytes_are_flipped_or_cut(string file)
    {
        var whole = File.ReadAllBytes(GoldenFolder.TorchSaved(file));
        var random = new Random(7);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 600; round++)
        {
            var bytes = whole[..(round % 4 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
                bytes[round % 2 == 0 ? random.Next(Math.Min(bytes.Length, 4000)) : bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 4000))] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["pytorch_model.bin"], bytes);
            try
            {
                Backbone.Load(folder.Path, ScalarType.Float32, CPU).Dispose();
                read++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }
        Assert.Equal(600, read + refused);
        Assert.True(read > 50 && refused > 150, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Should_say_so_When_a_file_is_no_archive()
    {
        File.WriteAllText(folder["pytorch_model.bin"], "version https://git-lfs.github.com/spec/v1");
        Assert.Contains("torch.save did not write it", Fault().Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_it_When_an_entry_is_compressed()
    {
        using (var zip = ZipFile.Open(folder["pytorch_model.bin"], ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open())
            entry.Write(new byte[1000]);
        Assert.Contains("has compressed the entry 'archive/data.pkl'", Fault().Cause, StringComparison.Ordinal);
    }

    private CheckpointException Fault() => Assert.Throws<CheckpointException>(() => Backbone.Load(folder.Path, ScalarType.Float32, CPU));

    /// <summary>BINUNICODE.</summary>
    private static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.ASCII.GetBytes(text)];

    private void WriteZip(byte[] pickle)
    {
        using var zip = ZipFile.Open(folder["pytorch_model.bin"], ZipArchiveMode.Create);
        using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open();
        entry.Write(pickle);
    }
}
