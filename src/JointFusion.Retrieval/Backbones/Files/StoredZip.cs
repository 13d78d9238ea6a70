using System.Buffers.Binary;
using System.Text;

namespace JointFusion.Retrieval;

/// <summary>Where the entries of a zip lie that were stored without compression, as torch.save does: they can be used in place.</summary>
/// <remarks>Format: PKWARE's APPNOTE 6.3.10; with zip64, as weights are often beyond 4 GB.</remarks>
internal static class StoredZip
{
    private const uint EndSignature = 0x06054B50, End64Locator = 0x07064B50, End64Signature = 0x06064B50, EntrySignature = 0x02014B50, LocalSignature = 0x04034B50;
    private const int EndBytes = 22, LocatorBytes = 20, End64Bytes = 56, EntryBytes = 46, LocalBytes = 30, LongestComment = ushort.MaxValue;
    private const ushort Zip64Field = 1;

    /// <returns>By name, first byte and number of bytes.</returns>
    /// <exception cref="CheckpointException">The file is no such zip.</exception>
    public static Dictionary<string, (long Offset, long Bytes)> Entries(MappedFile file)
    {
        var (count, at) = Directory(file);
        var entries = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        for (var i = 0L; i < count; i++)
        {
            var (name, place, next) = Entry(file, at);
            if (!entries.TryAdd(name, place))
                throw new CheckpointException(file.Path, $"has the entry '{name}' twice.");
            at = next;
        }
        return entries;
    }

    private static (long Count, long At) Directory(MappedFile file)
    {
        var end = FindEnd(file);
        var record = file.Bytes(end, EndBytes);
        var (count, at) = (U16(record, 10), (long)U32(record, 16));
        if (end < LocatorBytes || U32(file.Bytes(end - LocatorBytes, LocatorBytes), 0) != End64Locator)
            return (count, at);
        var wide = file.Bytes(I64(file.Bytes(end - LocatorBytes, LocatorBytes), 8), End64Bytes);
        return U32(wide, 0) == End64Signature ? (I64(wide, 32), I64(wide, 48)) : throw Broken(file);
    }

    private static long FindEnd(MappedFile file)
    {
        for (var at = file.Length - EndBytes; at >= 0 && at >= file.Length - EndBytes - LongestComment; at--)
            if (U32(file.Bytes(at, 4), 0) == EndSignature)
                return at;
        throw new CheckpointException(file.Path, "is truncated, or no zip: it has no directory of entries at its end.");
    }

    private static (string Name, (long Offset, long Bytes) Place, long Next) Entry(MappedFile file, long at)
    {
        var entry = file.Bytes(at, EntryBytes);
        if (U32(entry, 0) != EntrySignature)
            throw Broken(file);
        var (method, packed, bytes, local) = (U16(entry, 10), (long)U32(entry, 20), (long)U32(entry, 24), (long)U32(entry, 42));
        var (nameBytes, extraBytes, commentBytes) = (U16(entry, 28), U16(entry, 30), U16(entry, 32));
        var name = Encoding.UTF8.GetString(file.Bytes(at + EntryBytes, nameBytes));
        Widen(file, file.Bytes(at + EntryBytes + nameBytes, extraBytes), ref bytes, ref packed, ref local);
        if (method != 0 || packed != bytes)
            throw new CheckpointException(file.Path, $"has compressed the entry '{name}', which torch.save never does.");
        var header = file.Bytes(local, LocalBytes);
        if (U32(header, 0) != LocalSignature)
            throw Broken(file);
        var data = local + LocalBytes + U16(header, 26) + U16(header, 28);
        return (name, (data, bytes), at + EntryBytes + nameBytes + extraBytes + commentBytes);
    }

    /// <summary>Sizes and places that 32 bits cannot hold stand in an extra field, in this order, only those that do not fit.</summary>
    private static void Widen(MappedFile file, ReadOnlySpan<byte> extra, ref long bytes, ref long packed, ref long local)
    {
        while (extra.Length >= 4)
        {
            var size = U16(extra, 2);
            if (size > extra.Length - 4)
                throw Broken(file);
            var field = extra.Slice(4, size);
            if (U16(extra, 0) == Zip64Field)
            {
                bytes = Next(file, ref field, bytes);
                packed = Next(file, ref field, packed);
                local = Next(file, ref field, local);
            }
            extra = extra[(4 + size)..];
        }
    }

    private static long Next(MappedFile file, ref ReadOnlySpan<byte> field, long narrow)
    {
        if (narrow != uint.MaxValue)
            return narrow;
        if (field.Length < 8)
            throw Broken(file);
        var wide = I64(field, 0);
        field = field[8..];
        return wide;
    }

    private static CheckpointException Broken(MappedFile file) => new(file.Path, "is a zip whose directory is broken.");

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
