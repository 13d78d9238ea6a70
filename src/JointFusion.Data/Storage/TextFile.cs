namespace JointFusion.Data;

/// <summary>Text files whose bytes are the same on every system: UTF-8 without a mark, lines ended by LF.</summary>
internal static class TextFile
{
    public static void WriteLines(string path, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        foreach (var line in lines)
        {
            writer.WriteLine(line);
        }
    }
}
