using System.Globalization;

namespace JointFusion.Experiments;

/// <summary>Reads plain text as the value of a key. Only YAML 1.2's spellings are known: <c>true</c>, never <c>yes</c>.</summary>
internal static class ScalarReader
{
    /// <param name="type">int, double, bool, string or an enum.</param>
    /// <param name="fault">What is wrong and what is allowed; null if the text is a value of the type.</param>
    public static object? Read(string text, Type type, out string? fault)
    {
        fault = null;
        if (type == typeof(string))
            return text;
        if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        if (type == typeof(double) && IsFinite(text, out var number))
            return number;
        if (type == typeof(bool) && text is "true" or "false")
            return text == "true";
        if (type.IsEnum && Enum.GetNames(type).FirstOrDefault(name => SpecKeys.Name(name) == text) is { } member)
            return Enum.Parse(type, member);

        fault = $"'{text}' {Complaint(text, type)}";
        return null;
    }

    private static bool IsFinite(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number);

    private static string Complaint(string text, Type type) => type switch
    {
        { IsEnum: true } => $"is not known; {Spelling.Allowed(text, [.. Enum.GetNames(type).Select(SpecKeys.Name)])}{ForeignNames.Hint(text)}",
        _ when type == typeof(int) => $"is not a whole number between {int.MinValue} and {int.MaxValue}",
        _ when type == typeof(double) => "is not a finite number; allowed are such as 0.05 or 1.0e-3",
        _ when type == typeof(bool) => "is neither true nor false",
        _ => throw new ArgumentException($"A key of type {type} has no reader.", nameof(type)),
    };
}
