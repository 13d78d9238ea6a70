using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Dashboard;

/// <summary>Finds the <see cref="YamlPlace"/> of a caret in a text that need not be valid: somebody is writing it.</summary>
/// <remarks>Reads as much of YAML as a spec is written in: block and flow mappings and lists, plain and quoted scalars, comments.</remarks>
internal sealed partial class YamlCursor
{
    private readonly Stack<Container> open = new();
    private readonly int caret;
    private YamlPlace? place;

    private YamlCursor(int caret) => this.caret = caret;

    /// <param name="caret">Characters before it.</param>
    /// <returns>Null within a comment.</returns>
    public static YamlPlace? Find(string text, int caret)
    {
        var cursor = new YamlCursor(caret);
        var start = 0;
        foreach (var line in text.Split('\n'))
        {
            cursor.Read(line.TrimEnd('\r'), start);
            start += line.Length + 1;
        }
        return cursor.place;
    }

    private bool IsInFlow => open.TryPeek(out var top) && top.IsFlow;

    private void Read(string line, int start)
    {
        if (IsInFlow)
        {
            ReadFlow(line, 0, start);
            return;
        }
        var isHere = caret >= start && caret <= start + line.Length;
        var before = isHere ? line[..(caret - start)] : line;
        var column = before.Length - before.TrimStart(' ').Length;
        if (before.AsSpan(column).StartsWith("#", StringComparison.Ordinal) || (!isHere && column == line.Length))
            return;
        column = Items(line, before, column);
        if (column < line.Length && line[column] is '{' or '[')
        {
            ReadFlow(line, column, start);
        }
        else if (Key().Match(before, column) is { Success: true } key)
        {
            Enter(column, key.Groups["key"].Value.Trim('"', '\''));
            ReadValue(line, key.Index + key.Length, start, isHere);
        }
        else if (isHere)
        {
            place = KeyAt(column, before[column..]);
        }
    }

    /// <summary>Enters a list for each dash.</summary>
    /// <returns>The column after them.</returns>
    private int Items(string line, string before, int column)
    {
        while (column < before.Length && before[column] == '-' && (column + 1 == line.Length || line[column + 1] == ' '))
        {
            CloseTo(column, forItem: true);
            if (!(open.TryPeek(out var top) && top.IsList && top.Indent == column))
                open.Push(new Container(column, isList: true));
            column++;
            while (column < before.Length && before[column] == ' ')
                column++;
        }
        return column;
    }

    private void Enter(int column, string key)
    {
        CloseTo(column);
        if (!(open.TryPeek(out var top) && !top.IsList && top.Indent == column))
            open.Push(top = new Container(column));
        top.Enter(key);
    }

    private void CloseTo(int column, bool forItem = false)
    {
        while (open.TryPeek(out var top) && (top.Indent > column || (top.IsList && top.Indent == column && !forItem)))
            open.Pop();
    }

    private YamlPlace KeyAt(int column, string prefix)
    {
        CloseTo(column);
        if (open.TryPeek(out var top) && !top.IsList && top.Indent == column)
            return new YamlPlace(Path(skip: 1), IsValue: false, prefix, column, IsFlow: false, top.Keys);
        // An item of a list of scalars looks like the first letters of a key; whoever knows the schema tells them apart.
        return new YamlPlace(Path(), IsValue: false, prefix, column, IsFlow: false, new HashSet<string>());
    }

    private void ReadValue(string line, int from, int start, bool isHere)
    {
        var value = line.AsSpan(from).TrimStart(' ');
        if (!value.IsEmpty && value[0] is '{' or '[')
        {
            ReadFlow(line, line.Length - value.Length, start);
            return;
        }
        if (!isHere)
            return;
        var written = line[from..(caret - start)];
        if (!written.Contains(" #", StringComparison.Ordinal))
            place = new YamlPlace(Path(), IsValue: true, written.TrimStart(), 0, IsFlow: false, new HashSet<string>());
    }

    private void ReadFlow(string line, int from, int start)
    {
        var token = from;
        for (var i = from; i <= line.Length; i++)
        {
            if (start + i == caret && IsInFlow)
                place = FlowPlace(line[token..i].TrimStart());
            if (i == line.Length || (line[i] == '#' && (i == 0 || line[i - 1] == ' ')))
                return;
            if (!Take(line, i, line[token..i].Trim()))
                continue;
            token = i + 1;
            if (!IsInFlow)
                return;
        }
    }

    /// <summary>Whether the character ends a token. Brackets within one are an index, as in <c>stages[0].steps</c>.</summary>
    private bool Take(string line, int at, string token)
    {
        if (token is ['"' or '\'', ..] && (token.Length == 1 || token[^1] != token[0]))
            return false;
        switch (line[at])
        {
            case '{' or '[' when token.Length == 0:
                open.Push(new Container(int.MaxValue, isList: line[at] == '[', isFlow: true));
                return true;
            case '}' or ']' when open.Peek().IsList == (line[at] == ']'):
                open.Pop();
                return true;
            case ',':
                open.Peek().Leave();
                return true;
            case ':' when !open.Peek().IsList && open.Peek().Current is null && (at + 1 == line.Length || line[at + 1] == ' '):
                open.Peek().Enter(token.Trim('"', '\''));
                return true;
            default:
                return false;
        }
    }

    private YamlPlace FlowPlace(string prefix)
    {
        var top = open.Peek();
        return top.IsList || top.Current is not null
            ? new YamlPlace(Path(), IsValue: true, prefix, 0, IsFlow: true, new HashSet<string>())
            : new YamlPlace(Path(skip: 1), IsValue: false, prefix, 0, IsFlow: true, top.Keys);
    }

    private ImmutableArray<string> Path(int skip = 0) =>
        [.. open.Skip(skip).Reverse().Select(container => container.IsList ? YamlPlace.Item : container.Current).OfType<string>()];

    [GeneratedRegex("""\G(?<key>"[^"]*"|'[^']*'|[^\s:#{}\[\],"'][^:#{}]*?)\s*:(?=\s|$)""")]
    private static partial Regex Key();

    /// <param name="indent">Of its keys or dashes; within braces, deeper than any.</param>
    private sealed class Container(int indent, bool isList = false, bool isFlow = false)
    {
        public int Indent => indent;
        public bool IsList => isList;
        public bool IsFlow => isFlow;

        /// <summary>The key whose value is being read; null: none.</summary>
        public string? Current { get; private set; }

        public HashSet<string> Keys { get; } = [];

        public void Enter(string key)
        {
            Current = key;
            Keys.Add(key);
        }

        public void Leave() => Current = null;
    }
}
