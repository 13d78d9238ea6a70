using System.Globalization;

namespace JointFusion.Cli;

/// <summary>Bytes as users read and write them: 500 MB, 2 TB, by thousands.</summary>
internal static class Sizes
{
    private static readonly (string Unit, double Bytes)[] Units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1)];

    public static string Text(long bytes)
    {
        var (unit, size) = Units.FirstOrDefault(unit => bytes >= unit.Bytes, Units[^1]);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / size:0.#} {unit}");
    }

    /// <param name="option">Named in the message.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static long Parse(string option, string text)
    {
        foreach (var (unit, size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(..^unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * size < long.MaxValue)
                return (long)(number * size);
        }
        throw new BadInputException($"{option} {text}: not a size such as 500MB or 2TB.");
    }
}
