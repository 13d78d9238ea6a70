using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace JointFusion.Experiments;

/// <summary>Composes the one document of a YAML text into <see cref="SpecNode"/>s. Anchors, aliases and tags are refused: a spec says each thing where it holds.</summary>
internal sealed class SpecTree
{
    /// <summary>Far beyond any spec; keeps a hostile one from exhausting the stack.</summary>
    private const int MaximumDepth = 32;

    private readonly Parser _parser;

    private SpecTree(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="YamlException">The text is not YAML, or not the part of it that specs use; holds the position.</exception>
    public static SpecNode Parse(string text)
    {
        var tree = new SpecTree(text);
        try
        {
            return tree.Document();
        }
        // YamlDotNet reports some unclosed brackets by running past its own last event.
        catch (InvalidOperationException exception)
        {
            var end = tree._parser.Current?.End ?? Mark.Empty;
            throw new YamlException(end, end, "the document ends inside a bracket or a quote", exception);
        }
    }

    private SpecNode Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var end))
            throw new YamlException(end.Start, end.End, "the document is empty");

        _parser.Consume<DocumentStart>();
        var root = Node(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new YamlException(second.Start, second.End, "a second document begins; a spec is one document");

        return root;
    }

    private SpecNode Node(int depth)
    {
        if (depth > MaximumDepth)
            throw Refused(_parser.Current!, $"nested deeper than {MaximumDepth} levels");

        if (_parser.TryConsume<AnchorAlias>(out var alias))
            throw Refused(alias, "aliases are not read; write the value out");

        var node = _parser.Consume<NodeEvent>();
        if (!node.Anchor.IsEmpty || !node.Tag.IsEmpty)
            throw Refused(node, "anchors and tags are not read; write the plain value");

        return node switch
        {
            Scalar scalar => new SpecNode.Scalar(scalar.Start, scalar.Value, scalar.Style != ScalarStyle.Plain),
            SequenceStart => new SpecNode.Sequence(node.Start, Items(depth)),
            MappingStart => new SpecNode.Mapping(node.Start, Entries(depth)),
            _ => throw Refused(node, "not a scalar, list or mapping"),
        };
    }

    private List<SpecNode> Items(int depth)
    {
        var items = new List<SpecNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return items;
    }

    private List<(SpecNode.Scalar, SpecNode)> Entries(int depth)
    {
        var entries = new List<(SpecNode.Scalar, SpecNode)>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            var key = Node(depth + 1) as SpecNode.Scalar ?? throw Refused(at, "a key is a plain name, not a list or a mapping");
            entries.Add((key, Node(depth + 1)));
        }

        return entries;
    }

    private static YamlException Refused(ParsingEvent at, string why) => new(at.Start, at.End, why);
}
