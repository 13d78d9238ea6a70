using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Who asked a server for what, a JSON object a line: appended and synced before the answer goes out, rotated, and never with a token in it.</summary>
/// <remarks>
/// <code>
/// audit.jsonl     the newest; at its longest it becomes
/// audit.jsonl.1   and that .2, up to .7: the oldest is let go
/// </code>
/// Several processes may write it: each holds the file for the moment it takes.
/// </remarks>
/// <param name="warn">Told when lines cannot be written, once until one can again. A command is done all the same: a full disk must not keep a run from being cancelled.</param>
/// <param name="longest">Bytes of a file.</param>
public sealed partial class AuditLog(string path, Action<string>? warn = null, long longest = 4 << 20)
{
    private const int Kept = 7;
    private readonly Lock gate = new();
    private int lost;

    /// <summary>On disk once it returns, unless the disk refuses.</summary>
    public void Add(AuditEntry entry)
    {
        lock (gate)
        {
            try
            {
                Append(Tokens().Replace(JsonSerializer.Serialize(entry, JointFusionJson.Line), "(a token)"));
                lost = 0;
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                if (lost++ == 0)
                    warn?.Invoke($"{path}: the audit log cannot be written: {refused.Message} Make room or put its mode right; until then lines are lost, and the next one written says how many.");
            }
        }
    }

    /// <summary>Oldest first; torn lines are left out.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IEnumerable<AuditEntry> Read() =>
        from file in Enumerable.Range(0, Kept + 1).Reverse().Select(Name)
        where File.Exists(file)
        from line in Lines(file)
        let entry = Parse(line)
        where entry is { Who: not null }
        select entry;

    private string Name(int age) => age == 0 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{age}");

    private static string[] Lines(string file)
    {
        using var held = HeldFile.Open(file, FileMode.Open);
        using var reader = new StreamReader(held);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static AuditEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditEntry>(line, JointFusionJson.Line);
        }
        catch (JsonException)
        {
            return null; // The process died while it wrote this.
        }
    }

    private void Append(string line)
    {
        using var file = HeldFile.Open(path, FileMode.OpenOrCreate);
        if (file.Length >= longest)
        {
            Rotate();
            using var next = HeldFile.Open(path, FileMode.OpenOrCreate);
            Write(next, line);
        }
        else
        {
            Write(file, line);
        }
    }

    private void Write(FileStream file, string line)
    {
        file.Position = file.Length;
        var before = EndsTorn(file) ? "\n" : "";
        var told = lost == 0 ? "" : $"{{\"lost_lines\":{lost.ToString(CultureInfo.InvariantCulture)}}}\n";
        file.Write(Encoding.UTF8.GetBytes($"{before}{told}{line}\n"));
        file.Flush(flushToDisk: true);
    }

    private static bool EndsTorn(FileStream file)
    {
        if (file.Length == 0)
            return false;
        file.Position = file.Length - 1;
        return file.ReadByte() != '\n';
    }

    private void Rotate()
    {
        for (var age = Kept; age > 0; age--)
            if (File.Exists(Name(age - 1)))
                File.Move(Name(age - 1), Name(age), overwrite: true);
    }

    /// <summary>Where somebody has typed one in place of a name.</summary>
    [GeneratedRegex("[0-9a-f]{48}")]
    private static partial Regex Tokens();
}
