using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>The sensors inside a machine's CPUs, as Linux shows them in hwmon. Many machines show none: virtual ones, containers, and all of other systems.</summary>
internal static class Thermometers
{
    private const string Folder = "/sys/class/hwmon";

    /// <summary>Drivers for those of Intel, AMD and ARM. Others measure disks, batteries or the room.</summary>
    private static readonly string[] Processors = ["coretemp", "k10temp", "zenpower", "cpu_thermal"];

    /// <summary>Degrees Celsius. Beyond, a sensor is broken or not connected.</summary>
    private const double Coldest = -40, Hottest = 200;

    /// <param name="folder">Holds a folder a chip.</param>
    /// <returns>Of the hottest sensor, in degrees Celsius; null where there is none.</returns>
    public static double? HottestCelsius(string folder = Folder)
    {
        try
        {
            return !Directory.Exists(folder)
                ? null
                : Directory.GetDirectories(folder).Where(chip => Processors.Contains(Text(Path.Combine(chip, "name"))))
                    .SelectMany(chip => Directory.GetFiles(chip, "temp*_input")).Select(Celsius).Where(degrees => degrees is > Coldest and < Hottest).Max();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null; // A chip that has just been taken out, or is asleep.
        }
    }

    /// <summary>Written in thousandths.</summary>
    private static double? Celsius(string sensor) => int.TryParse(Text(sensor), CultureInfo.InvariantCulture, out var thousandths) ? thousandths / 1000.0 : null;

    /// <summary>A sensor that is asleep refuses to be read.</summary>
    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
