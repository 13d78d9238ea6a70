using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What a file of named tokens held at one moment.</summary>
/// <param name="Fault">Why it could not be read, and then no token of it counts; null: it could.</param>
internal sealed record TokenList(ImmutableArray<NamedToken> Tokens, string? Fault = null)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly FrozenDictionary<string, NamedToken> byHash = Tokens.ToFrozenDictionary(token => token.Hash);

    public NamedToken? WithHash(string hash) => byHash.GetValueOrDefault(hash);

    public NamedToken? Named(string name) => Tokens.FirstOrDefault(token => token.Name == name);

    /// <summary>Without the file: no tokens. One that others can read or write is refused whole: they may have put tokens of theirs into it.</summary>
    public static TokenList Read(string path)
    {
        if (!File.Exists(path))
            return new TokenList([]);
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                return new TokenList([], $"{path}: other users can read or write it, so that none of its tokens counts: chmod 600 {path}, and make those anew that you do not know.");
            return new TokenList([.. JsonSerializer.Deserialize<NamedToken[]>(File.ReadAllBytes(path), JointFusionJson.File)?.OfType<NamedToken>() ?? []]);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            return new TokenList([], $"{path}: its tokens cannot be read, so that none counts: {unreadable.Message} Bring back a copy of it, or delete it and make them anew: jf token create");
        }
    }

    /// <summary>On disk once it returns; a crash leaves the list before, or this one.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(string path)
    {
        var beside = path + ".tmp";
        File.Delete(beside);
        using (var file = HeldFile.Open(beside, FileMode.CreateNew))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(Tokens, JointFusionJson.File));
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}
