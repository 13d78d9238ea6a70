using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>A small JSON file that says what a journal also says: whole or not there.</summary>
internal static class NoteFile
{
    public static string TextOf<T>(T note) => JsonSerializer.Serialize(note, JointFusionJson.File);

    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">So too.</exception>
    public static void Write(string path, string text)
    {
        var beside = path + ".tmp"; // One server writes it, and one thread.
        using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }

    /// <returns>Null: there is no such file.</returns>
    /// <exception cref="BadInputException">It holds something else.</exception>
    public static T? Read<T>(string path) where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), JointFusionJson.File) ?? throw new JsonException("it is empty");
        }
        catch (JsonException unreadable)
        {
            throw new BadInputException($"{path}: not what a server notes ({unreadable.Message}). Move it away, and what it said is forgotten.");
        }
    }
}
