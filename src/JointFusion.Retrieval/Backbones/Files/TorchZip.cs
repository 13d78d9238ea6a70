using System.Text;

namespace JointFusion.Retrieval;

/// <summary>What torch.save writes since torch 1.6: a zip with the pickle and an entry a storage.</summary>
internal static class TorchZip
{
    private const string Pickle = "data.pkl";

    /// <exception cref="FormatException">It is no such file; the message goes on from its name.</exception>
    public static TorchArchive Read(MappedFile file)
    {
        var entries = StoredZip.Entries(file);
        var name = entries.Keys.FirstOrDefault(IsPickle) ?? throw new FormatException($"it has no entry '{Pickle}'");
        var prefix = name[..^Pickle.Length];
        if (entries.TryGetValue($"{prefix}byteorder", out var entry) && Encoding.ASCII.GetString(file.Bytes(entry.Offset, (int)entry.Bytes)) is var order && order != "little")
            throw new FormatException($"its byte order is '{order}'; only 'little' is read");
        var (start, bytes) = entries[name];
        var content = PickleReader.Read(file, ref start, start + bytes, TorchArchive.Storage);
        var data = $"{prefix}data/";
        return new TorchArchive(
            content, entries.Where(pair => pair.Key.StartsWith(data, StringComparison.Ordinal)).ToDictionary(pair => pair.Key[data.Length..], pair => pair.Value));
    }

    /// <summary>In the one folder that torch makes, of any name.</summary>
    private static bool IsPickle(string name) => name.Split('/') is [Pickle] or [_, Pickle];
}
