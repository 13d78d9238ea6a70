using System.Globalization;

namespace JointFusion.Dashboard;

/// <summary>Numbers in a query, which say what is wrong with them.</summary>
internal static class ApiNumber
{
    /// <returns>Null where it is not given.</returns>
    /// <exception cref="ApiException">It is no number, or below 0.</exception>
    public static int? Of(string name, string? text) => text switch
    {
        null => null,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw ApiException.BadRequest($"{name} is a number from 0 on, not \"{text}\"."),
    };
}
