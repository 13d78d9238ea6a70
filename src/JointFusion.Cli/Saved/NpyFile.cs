using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace JointFusion.Cli;

/// <summary>A matrix of float32 in NumPy's format, version 1.0, as numpy.load reads it.</summary>
/// <remarks>Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The header is padded so that data begin at a multiple of 64.</remarks>
internal static class NpyFile
{
    private const int Alignment = 64;

    /// <param name="blocks">Rows one after the other, whole rows each.</param>
    public static void Write(Stream stream, int rows, int columns, IEnumerable<float[]> blocks)
    {
        var shape = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
        const int before = 10; // magic, version, length
        var padded = (before + shape.Length + 1 + Alignment - 1) / Alignment * Alignment - before;
        stream.Write([0x93, .. "NUMPY"u8, 1, 0]);
        var length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)padded);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(shape.PadRight(padded - 1) + "\n"));
        foreach (var block in blocks)
            stream.Write(MemoryMarshal.AsBytes<float>(block));
    }
}
