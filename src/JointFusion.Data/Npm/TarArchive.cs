using System.Formats.Tar;
using System.IO.Compression;

namespace JointFusion.Data;

/// <summary>Single files out of a gzipped tar archive, which is never unpacked to the disk.</summary>
internal static class TarArchive
{
    /// <param name="name">With forward slashes, such as <c>package/icons.json</c>.</param>
    /// <exception cref="DataException">There is no such file in it.</exception>
    public static byte[] Read(string path, string name)
    {
        using var file = File.OpenRead(path);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(gzip);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.Name != name || entry.DataStream is null) continue;

            using var content = new MemoryStream();
            entry.DataStream.CopyTo(content);
            return content.ToArray();
        }

        throw new DataException($"{path}: holds no {name}.");
    }
}
