using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace JointFusion.Experiments;

/// <summary>Composes the one document of a YAML text into <see cref="SpecNode"/>s. Anchors, aliases and tags are refused: a spec says each thing where it holds.</summary>
internal sealed class SpecTree
{
    /// <summary>Far beyond any spec; keeps a hostile one from exhausting the stack.</summary>
    private const int MaximumDepth = 32;

    private readonly Parser _parser;

    /// <summary>Where the brackets and braces around the current node were opened.</summary>
    private readonly Stack<NodeEvent> _open = [];

    private SpecTree(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="YamlException">The text is not YAML, or not the part of it that specs use; holds the position.</exception>
    public static SpecNode Parse(string text)
    {
        var tree = new SpecTree(text);
        try
        {
            return tree.Document();
        }
        catch (YamlException exception) when (exception is not RefusedException && tree._open.TryPeek(out var bracket))
        {
            var message = $"{exception.Message} The bracket opened at line {bracket.Start.Line}, column {bracket.Start.Column} is not closed.";
            throw new YamlException(exception.Start, exception.End, message, exception);
        }
        // At some unclosed brackets YamlDotNet runs past its own last event.
        catch (InvalidOperationException exception) when (tree._open.TryPeek(out var bracket))
        {
            throw new YamlException(bracket.Start, bracket.Start, "The bracket opened here is not closed.", exception);
        }
        // So it does where a bracket within a name is closed by another kind.
        catch (InvalidOperationException exception)
        {
            var at = tree._parser.Current?.Start ?? new Mark();
            throw new YamlException(at, at, "Brackets and braces do not match.", exception);
        }
    }

    private SpecNode Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var end))
            throw Refused(end, "the document is empty");

        _parser.Consume<DocumentStart>();
        var root = Node(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw Refused(second, "a second document begins; a spec is one document");

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
            SequenceStart list => Enclosed(list.Style == SequenceStyle.Flow, list, () => new SpecNode.Sequence(list.Start, Items(depth))),
            MappingStart map => Enclosed(map.Style == MappingStyle.Flow, map, () => new SpecNode.Mapping(map.Start, Entries(depth))),
            _ => throw Refused(node, "not a scalar, list or mapping"),
        };
    }

    private SpecNode Enclosed(bool inBrackets, NodeEvent start, Func<SpecNode> read)
    {
        if (inBrackets)
            _open.Push(start);
        var node = read();
        if (inBrackets)
            _open.Pop();
        return node;
    }

    private List<SpecNode> Items(int depth)
    {
        var items = new List<SpecNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return items;
    }

    private List<SpecNode.Entry> Entries(int depth)
    {
        var entries = new List<SpecNode.Entry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            var key = Node(depth + 1) as SpecNode.Scalar ?? throw Refused(at, "a key is a plain name, not a list or a mapping");
            entries.Add(new(key, Node(depth + 1)));
        }

        return entries;
    }

    private static RefusedException Refused(ParsingEvent at, string why) => new(at.Start, at.End, why);

    /// <summary>YAML, but not the part of it that specs use.</summary>
    private sealed class RefusedException(Mark start, Mark end, string why) : YamlException(start, end, why);
}
