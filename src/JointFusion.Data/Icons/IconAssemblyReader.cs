using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace JointFusion.Data;

/// <summary>Reads the drawings out of the icon package's assemblies without loading them or anything they refer to.</summary>
/// <remarks>Each icon is a class nested in <c>Size20</c> (or another size), whose constructor loads two strings: its name and its SVG.</remarks>
internal static class IconAssemblyReader
{
    private const string SizePrefix = "Size";

    /// <summary>All drawings of the styles in use, ordered by name, style and size.</summary>
    /// <exception cref="DataException">An assembly is missing or holds no icons.</exception>
    public static ImmutableArray<IconDrawing> Read(string folder)
    {
        var drawings = Enum.GetValues<IconStyle>().SelectMany(style => ReadStyle(folder, style));
        return
        [
            .. drawings
                .OrderBy(drawing => drawing.Name, StringComparer.Ordinal)
                .ThenBy(drawing => drawing.Style)
                .ThenBy(drawing => drawing.Size),
        ];
    }

    private static List<IconDrawing> ReadStyle(string folder, IconStyle style)
    {
        var path = Path.Combine(folder, $"Microsoft.FluentUI.AspNetCore.Components.Icons.{style}.dll");
        if (!File.Exists(path))
        {
            throw new DataException($"{path}: the icon package is not beside the program; build it again (dotnet build).");
        }

        using var stream = File.OpenRead(path);
        using var assembly = new PEReader(stream);
        var metadata = assembly.GetMetadataReader();
        var drawings = new List<IconDrawing>();
        foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            if (SizeOf(metadata, type) is { } size && ReadDrawing(assembly, metadata, type, style, size) is { } drawing)
            {
                drawings.Add(drawing);
            }
        }

        return drawings.Count > 0 ? drawings : throw new DataException($"{path}: holds no icons; is it another version of the package?");
    }

    private static int? SizeOf(MetadataReader metadata, TypeDefinition type)
    {
        if (type.GetDeclaringType().IsNil) return null;

        var outer = metadata.GetString(metadata.GetTypeDefinition(type.GetDeclaringType()).Name);
        return outer.StartsWith(SizePrefix, StringComparison.Ordinal)
            ? int.Parse(outer.AsSpan(SizePrefix.Length), CultureInfo.InvariantCulture)
            : null;
    }

    private static IconDrawing? ReadDrawing(PEReader assembly, MetadataReader metadata, TypeDefinition type, IconStyle style, int size)
    {
        foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition))
        {
            if (metadata.GetString(method.Name) != ".ctor") continue;

            var strings = LoadedStrings(assembly.GetMethodBody(method.RelativeVirtualAddress).GetILReader(), metadata);
            if (strings is [var name, var svg]) return new IconDrawing(name, style, size, svg);
        }

        return null;
    }

    private static List<string> LoadedStrings(BlobReader code, MetadataReader metadata)
    {
        var strings = new List<string>();
        while (code.RemainingBytes > 0)
        {
            switch ((ILOpCode)code.ReadByte())
            {
                case ILOpCode.Ldstr:
                    strings.Add(metadata.GetUserString((UserStringHandle)MetadataTokens.Handle(code.ReadInt32())));
                    break;
                case ILOpCode.Ldc_i4_s:
                    code.ReadSByte();
                    break;
                case ILOpCode.Ldc_i4 or ILOpCode.Call or ILOpCode.Newobj:
                    code.ReadInt32();
                    break;
            }
        }

        return strings;
    }
}
