using System.Globalization;

namespace JointFusion.Cli;

/// <summary>Spans of time as users write them: 90m, 12h, 30d.</summary>
internal static class Ages
{
    /// <param name="option">Named in the message.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static TimeSpan Parse(string option, string text)
    {
        const double longestDays = 36_500;
        if (text.Length > 1 && double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && Days(text[^1]) is { } unit && number * unit <= longestDays)
            return TimeSpan.FromDays(number * unit);
        throw new BadInputException($"{option} {text}: not a span of time such as 90m, 12h or 30d.");
    }

    private static double? Days(char unit) => unit switch
    {
        'd' => 1,
        'h' => 1.0 / 24,
        'm' => 1.0 / 1440,
        _ => null,
    };
}
