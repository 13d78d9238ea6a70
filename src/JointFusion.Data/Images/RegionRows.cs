using System.Runtime.InteropServices;
using NetVips;

namespace JointFusion.Data;

/// <summary>An image's rows as libvips computes them, on the calling thread, read where libvips puts them.</summary>
/// <remarks>
/// Writing an image to memory starts other threads, which costs more than decoding a small picture. <see cref="Region.Fetch"/> copies what it gets into
/// a new array, whose fresh pages lengthen that by some 8 %: it serves where the library's functions cannot be found by their names.
/// </remarks>
internal sealed unsafe class RegionRows(Image image) : IDisposable
{
    private static readonly (nint Fetch, nint Free)? Functions = Find();
    private readonly Region region = Region.New(image);
    private nint rows;

    /// <returns>Interleaved; until the next call.</returns>
    /// <exception cref="VipsException">The file is torn.</exception>
    public ReadOnlySpan<byte> Read(int y, int count)
    {
        if (Functions is not var (fetch, _)) return region.Fetch(0, y, image.Width, count);
        Free();
        nuint size;
        rows = ((delegate* unmanaged<nint, int, int, int, int, nuint*, nint>)fetch)(region.DangerousGetHandle(), 0, y, image.Width, count, &size);
        return rows == 0 ? throw new VipsException("unable to fetch from region") : new ReadOnlySpan<byte>((void*)rows, (int)size);
    }

    public void Dispose()
    {
        Free();
        region.Dispose();
    }

    private void Free()
    {
        if (rows != 0) ((delegate* unmanaged<nint, void>)Functions!.Value.Free)(rows);
        rows = 0;
    }

    /// <summary>vips_region_fetch and what frees its result, in the library that NetVips has loaded.</summary>
    private static (nint Fetch, nint Free)? Find()
    {
        var name = OperatingSystem.IsWindows() ? "libvips-42.dll" : OperatingSystem.IsMacOS() ? "libvips.42.dylib" : "libvips.so.42";
        return NativeLibrary.TryLoad(name, typeof(RegionRows).Assembly, null, out var library)
            && NativeLibrary.TryGetExport(library, "vips_region_fetch", out var fetch)
            && NativeLibrary.TryGetExport(library, "g_free", out var free) ? (fetch, free) : null;
    }
}
