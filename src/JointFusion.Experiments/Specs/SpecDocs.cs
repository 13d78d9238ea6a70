using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace JointFusion.Experiments;

/// <summary>The summaries of a spec's records and keys, as plain text, from the XML documentation that the compiler writes beside the assembly.</summary>
internal sealed partial class SpecDocs
{
    private readonly Dictionary<string, XElement> _summaries;

    private SpecDocs(XDocument document) => _summaries = document.Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    /// <exception cref="FileNotFoundException">There is no documentation beside the assembly.</exception>
    public static SpecDocs Load() => new(XDocument.Load(Path.ChangeExtension(typeof(SpecDocs).Assembly.Location, ".xml")));

    public string? Of(Type type) => Text($"T:{type.FullName}");

    public string? Of(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private string? Text(string member) =>
        _summaries.TryGetValue(member, out var summary) ? Blanks().Replace(string.Concat(summary.Nodes().Select(Plain)), " ").Trim() : null;

    /// <summary>A reference to another key is that key's name in the YAML.</summary>
    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => SpecKeys.Name(see.Attribute("cref")!.Value.Split('.', ':')[^1]),
        XElement element => element.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
