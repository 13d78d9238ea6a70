using System.Globalization;
using System.Security.Cryptography;

namespace JointFusion.Benchmarks;

/// <summary>Seconds of single calls, by bytes; a call's time is its slowest rank's.</summary>
/// <param name="worldSize">Processes.</param>
/// <param name="volume">Bytes summed of each size: the smaller, the more calls.</param>
/// <param name="sizes">Bytes of a call.</param>
internal delegate ILookup<int, double> Contestant(int worldSize, int volume, IReadOnlyList<int> sizes);

/// <summary>A contestant whose ranks are processes of this program.</summary>
internal static class ProcessContestant
{
    public static Contestant Of(string kind) => (worldSize, volume, sizes) => Run(kind, worldSize, volume, sizes);

    private static ILookup<int, double> Run(string kind, int worldSize, int volume, IReadOnlyList<int> sizes)
    {
        var ranks = Enumerable.Range(0, worldSize).Select(rank => OwnProcess.Start([RankProcess.Verb, kind, Text(rank), Text(worldSize), Text(volume), .. sizes.Select(Text)])).ToArray();
        try
        {
            var secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            var endpoints = ranks.Select(rank => rank.StandardOutput.ReadLine() ?? throw Failed(kind)).ToArray();
            foreach (var rank in ranks)
            {
                rank.StandardInput.WriteLine(string.Join('\n', endpoints.Prepend(secret)));
                rank.StandardInput.Flush();
            }
            var lines = ranks.Select(rank => rank.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
            foreach (var rank in ranks) rank.WaitForExit();
            if (ranks.Any(rank => rank.ExitCode != 0)) throw Failed(kind);
            var slowest = Enumerable.Range(0, lines[0].Length).Select(i => lines.Select(rank => Timing.Parse(rank[i])).MaxBy(time => time.Seconds));
            return slowest.ToLookup(time => time.Bytes, time => time.Seconds);
        }
        finally
        {
            foreach (var rank in ranks)
            {
                if (!rank.HasExited) rank.Kill();
                rank.Dispose();
            }
        }
    }

    private static InvalidOperationException Failed(string kind) => new($"A rank of '{kind}' failed; its words are above.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A line that a measured process prints.</summary>
internal readonly record struct Timing(int Bytes, double Seconds)
{
    public static Timing Parse(string line)
    {
        var fields = line.Split(' ');
        return new(int.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[1], CultureInfo.InvariantCulture));
    }
}
