using System.CommandLine;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace JointFusion.Cli;

/// <summary>Lists for people: on a terminal no more of one than its screen holds, unless all of it is asked for; in a pipe or a file, where something else reads it, all.</summary>
/// <param name="all">It is asked for.</param>
internal sealed class Listing(CliContext context, bool all)
{
    /// <summary>Lines of a screen that a list leaves free: the prompt comes after it.</summary>
    private const int Prompt = 1;

    /// <summary>Lines that will follow the list and must be seen with it.</summary>
    public int Below { get; init; }

    /// <summary>What its user types to see all of it.</summary>
    public string Whole { get; init; } = "--all";

    public static Option<bool> Option() => new("--all")
    {
        Description = "Print all of it, however many screens that takes. On a terminal the list otherwise ends where the screen does; in a pipe, in a file and with --json it is always whole.",
    };

    /// <param name="entries">Those that come first are shown first: the ones at work, or the newest.</param>
    /// <param name="noun">What they are, in the plural.</param>
    /// <param name="draw">A list of so many of them, with what stands above and below it.</param>
    public void Write<T>(IReadOnlyList<T> entries, string noun, Func<IReadOnlyList<T>, IEnumerable<IRenderable>> draw)
    {
        var shown = MostThatFit(entries.Count, count => LinesOf(Drawn(count)));
        context.Out.Write(Drawn(shown));
        if (shown < entries.Count)
            context.Out.WriteLine(Rest($"{entries.Count - shown} more {noun}"));

        Rows Drawn(int count) => new(draw(count == entries.Count ? entries : [.. entries.Take(count)]));
    }

    /// <summary>As <see cref="Write"/> does, of lines that are not wrapped, so that a script finds each whole.</summary>
    /// <param name="lines">Of one entry.</param>
    /// <param name="after">Lines below the list.</param>
    public void WriteLines<T>(IReadOnlyList<T> entries, string noun, Func<T, IEnumerable<string>> lines, params string[] after)
    {
        var shown = MostThatFit(entries.Count, count => entries.Take(count).SelectMany(lines).Concat(after).Sum(LinesOf));
        foreach (var line in entries.Take(shown).SelectMany(lines))
            context.RawOut.WriteLine(line);
        if (shown < entries.Count)
            context.RawOut.WriteLine(Rest($"{entries.Count - shown} more {noun}"));
        foreach (var line in after)
            context.RawOut.WriteLine(line);
    }

    /// <summary>Of lines that come in the order of their time: as they come, or the latest that fit once all have.</summary>
    public async Task WriteLatestAsync(IAsyncEnumerable<string> lines)
    {
        var (latest, taken, earlier) = (new Queue<string>(), 0, 0);
        await foreach (var line in lines)
        {
            if (Room is not { } room)
            {
                await context.RawOut.WriteLineAsync(line);
                continue;
            }
            latest.Enqueue(line);
            taken += LinesOf(line);
            while (latest.Count > 1 && taken + (earlier > 0 ? 1 : 0) > room)
            {
                taken -= LinesOf(latest.Dequeue());
                earlier++;
            }
        }
        if (earlier > 0)
            await context.RawOut.WriteLineAsync(Rest($"{earlier} earlier lines"));
        foreach (var line in latest)
            await context.RawOut.WriteLineAsync(line);
    }

    /// <summary>Lines that a list may take; null: any number.</summary>
    private int? Room => all ? null : context.ScreenLines - Prompt - Below;

    private string Rest(string left) => $"{left}: {Whole} shows them too.";

    /// <param name="lines">That a list of so many entries takes.</param>
    private int MostThatFit(int entries, Func<int, int> lines)
    {
        if (Room is not { } room)
            return entries;
        if (entries <= room && lines(entries) <= room)
            return entries;
        // The longest that fits with a line on the rest. An entry takes a line at least.
        var (fits, tooMany) = (Math.Min(1, entries), Math.Min(entries, room));
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (lines(middle) + 1 <= room)
                fits = middle;
            else
                tooMany = middle;
        }
        return fits;
    }

    private int LinesOf(IRenderable drawn) =>
        drawn.Render(RenderOptions.Create(context.Out, context.Out.Profile.Capabilities), context.Out.Profile.Width).Count(segment => segment.IsLineBreak);

    /// <summary>Of a terminal that breaks it where the screen ends.</summary>
    private int LinesOf(string line) => Math.Max(1, (line.Length + context.Out.Profile.Width - 1) / context.Out.Profile.Width);
}
