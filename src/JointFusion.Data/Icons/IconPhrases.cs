using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Every text of the icons set that is not made of icon names: questions, changes, instructions.</summary>
internal static class IconPhrases
{
    public const string OtherStyle = "the other style";
    public const string InColor = "in color";
    public const string AnyMark = "with any mark added";
    public const string WhichMark = "which mark was added?";
    public const string WhichBase = "which thing is it drawn on?";

    public static string Add(string mark) => $"add {mark}";

    public static string Remove(string mark) => $"without {mark}";

    public static string SwapMark(string mark) => $"{mark} instead";

    public static string SwapBase(string thing) => $"the same mark on {thing}";

    /// <summary>Four ways to ask for each task, in the order of the tasks.</summary>
    public static ImmutableSortedDictionary<int, ImmutableArray<string>> Instructions { get; } = new Dictionary<int, ImmutableArray<string>>
    {
        [0] = ["Find the icon that this caption names.", "Show the icon described here.", "Which drawing fits this caption?", "Retrieve the picture for this label."],
        [2] = ["Find the labelled icon that fits this description.", "Show the icon and its label for this text.", "Which labelled drawing is meant?", "Retrieve the icon card described here."],
        [3] = ["Name this icon and its style.", "Find the caption of this icon.", "Which label fits this drawing?", "Describe this icon."],
        [4] = ["Find the same icon drawn for another size.", "Show this symbol redrawn.", "Which drawing is the same icon?", "Retrieve the icon in its other size."],
        [6] = ["Answer the question about this icon.", "Find the words that answer this question.", "Answer from the drawing.", "What is the answer?"],
        [7] = ["Find the icon changed as the text says.", "Apply the change to this icon.", "Show the icon after this edit.", "Retrieve the edited icon."],
        [8] = ["Find the labelled icon changed as the text says.", "Apply the change and show icon and label.", "Show the labelled icon after this edit.", "Retrieve the edited icon card."],
    }.ToImmutableSortedDictionary();

    /// <summary>All of the above with nothing filled in, and the words that captions name styles by.</summary>
    public static IEnumerable<string> All =>
    [
        OtherStyle, InColor, AnyMark, WhichMark, WhichBase, Add(""), Remove(""), SwapMark(""), SwapBase(""),
        .. IconConcept.Styles.Select(style => style.Word()),
        .. Instructions.Values.SelectMany(texts => texts),
    ];
}
