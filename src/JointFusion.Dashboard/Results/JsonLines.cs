using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Reads files of one JSON record a line that a process may have been killed while writing.</summary>
internal static class JsonLines
{
    /// <summary>All whole lines; an unfinished last one is left out. A missing file is empty.</summary>
    /// <exception cref="InvalidDataException">A finished line is not the record; names file and line.</exception>
    public static ImmutableArray<T> Read<T>(string path)
    {
        if (!File.Exists(path))
            return [];
        // A live run may have the file open for appending.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        var records = ImmutableArray.CreateBuilder<T>();
        var number = 0;
        foreach (var line in whole.AsSpan().EnumerateLines())
        {
            number++;
            if (!line.IsWhiteSpace())
                records.Add(Parse<T>(path, number, line));
        }

        return records.ToImmutable();
    }

    /// <summary>The same, a line at a time: files may be longer than memory. What breaks off last is left out, as it is still being written.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static IEnumerable<T> Stream<T>(string path)
    {
        if (!File.Exists(path))
            yield break;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var number = 0;
        var line = reader.ReadLine();
        while (line is not null)
        {
            var next = reader.ReadLine();
            number++;
            if (next is null && !EndsWithNewLine(stream))
                yield break;
            if (!string.IsNullOrWhiteSpace(line))
                yield return Parse<T>(path, number, line);
            line = next;
        }
    }

    private static bool EndsWithNewLine(FileStream stream)
    {
        if (stream.Length == 0)
            return true;
        stream.Position = stream.Position - 1;
        return stream.ReadByte() == '\n';
    }

    private static T Parse<T>(string path, int number, ReadOnlySpan<char> line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, JointFusionJson.Line) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException(
                $"{path}:{number}: not a {typeof(T).Name}: {fault.Message} Remove the line, or the run's folder and run it again.", fault);
        }
    }
}
