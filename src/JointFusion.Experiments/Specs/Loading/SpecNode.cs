using YamlDotNet.Core;

namespace JointFusion.Experiments;

/// <summary>A node of a YAML document with its position. Unlike YamlDotNet's own tree it keeps duplicate keys, so that each can be reported.</summary>
internal abstract record SpecNode(Mark Start)
{
    /// <param name="Quoted">Quoted scalars are text, whatever they look like.</param>
    public sealed record Scalar(Mark Start, string Text, bool Quoted) : SpecNode(Start)
    {
        /// <summary>Nothing after the colon, <c>~</c> or <c>null</c>.</summary>
        public bool IsNull => !Quoted && Text is "" or "~" or "null";
    }

    public sealed record Sequence(Mark Start, IReadOnlyList<SpecNode> Items) : SpecNode(Start);

    public sealed record Mapping(Mark Start, IReadOnlyList<Entry> Entries) : SpecNode(Start);

    public sealed record Entry(Scalar Key, SpecNode Value);

    /// <summary>In words, for messages.</summary>
    public string Kind => this switch
    {
        Scalar { IsNull: true } => "nothing",
        Scalar scalar => $"'{scalar.Text}'",
        Sequence => "a list",
        _ => "a mapping",
    };
}
