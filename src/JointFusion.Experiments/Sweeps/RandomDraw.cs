using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Experiments;

/// <summary>What a trial gets for a key: a function of the sweep's seed, the trial's number and the key alone.</summary>
internal static class RandomDraw
{
    /// <param name="trial">From 1.</param>
    /// <param name="type">Of the key.</param>
    /// <returns>The value and, of a choice, which of its values it is.</returns>
    public static (string Text, int? Choice) Of(int seed, int trial, RandomAxis axis, Type type)
    {
        var unit = Unit(seed, trial, axis.KeyPath);
        if (axis.Distribution == Distribution.Choice)
        {
            var choice = (int)(unit * axis.Values.Length);
            return (axis.Values[choice], choice);
        }

        var (low, high) = (Number(axis.Values[0]), Number(axis.Values[1]));
        var isWhole = type == typeof(int);
        var end = isWhole ? high + 1 : high; // A whole number stands for all that is cut down to it.
        var drawn = axis.Distribution == Distribution.LogUniform ? low * Math.Pow(end / low, unit) : low + (unit * (end - low));
        return (isWhole ? Math.Clamp(Math.Floor(drawn), low, high).ToString("0", CultureInfo.InvariantCulture) : Rounded(drawn, low, high), null);
    }

    public static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>To four digits: for people to read, and so that no library's last digit makes it another run.</summary>
    private static string Rounded(double drawn, double low, double high) =>
        Math.Clamp(Number(drawn.ToString("G4", CultureInfo.InvariantCulture)), low, high).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>In [0, 1).</summary>
    private static double Unit(int seed, int trial, string keyPath)
    {
        const int mantissa = 53;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{trial}/{keyPath}")));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> (64 - mantissa)) / (double)(1UL << mantissa);
    }
}
