using System.CommandLine;
using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary><c>images</c>: JPEG files to 224 x 224, exact and fast, beside PIL and PIL's draft mode, in turns; and how far the pixels are apart.</summary>
internal static class ImageBenchmark
{
    private const int Enlarged = 24;

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 5 };
        var python = new Option<string>("--python") { Description = "Interpreter that has PIL.", DefaultValueFactory = _ => "python3" };
        var peer = new Option<FileInfo>("--peer") { Description = "Script with PIL's ways to load a picture; see Images/pil.py.", Required = true };
        var pictures = new Option<DirectoryInfo>("--pictures") { Description = "Folder of JPEG pictures.", Required = true };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("images", "Pictures decoded and resized a second, and what fast costs in grey levels.") { rounds, python, peer, pictures, file };
        command.SetAction(parsed =>
        {
            var large = Directory.CreateTempSubdirectory("images-benchmark-");
            try
            {
                Run(parsed.GetRequiredValue(python), parsed.GetRequiredValue(peer).FullName, parsed.GetRequiredValue(pictures).FullName,
                    parsed.GetValue(rounds), large.FullName, parsed.GetValue(file));
            }
            finally
            {
                large.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Run(string python, string peer, string pictures, int rounds, string large, FileInfo? file)
    {
        var report = new Report(
            "Images", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- images --peer SCRIPT --pictures FOLDER",
            "pictures", "way", "ms a picture", "pictures/s", "beside PIL's");
        var notes = new List<string>
        {
            "Processor time of one process each, all its threads, files in memory or in the system's cache; other programs on the machine lengthen it less than they do the clock's. "
            + "Ours has the environment that a worker gets from `jf run`, PIL's the one it has been given.",
        };
        using (var pil = PictureLoader.Pil(python, peer, pictures))
        {
            pil.Enlarge(Enlarged, large); // Before it is timed: glibc keeps what a process that has used large blocks frees, and PIL is faster then.
            Measure("as given", pictures, pil);
        }
        using (var pil = PictureLoader.Pil(python, peer, large))
            Measure("four times as large a side", large, pil);
        report.Write(file, notes);

        void Measure(string kind, string folder, PictureLoader pil)
        {
            using var own = PictureLoader.Own(folder);
            var count = Directory.EnumerateFiles(folder, "*.jpg").Count();
            Contend(kind, count, pil, own, rounds, report);
            notes.Add(PixelDistances.Note(kind, count, pil, own));
        }
    }

    private static void Contend(string pictures, int count, PictureLoader pil, PictureLoader own, int rounds, Report report)
    {
        (string Name, string Ours, string Way, string Theirs)[] contests =
        [
            ("exact", "exact", "bicubic", "PIL, decode and bicubic"),
            ("exact, to floats in planes", "floats", "floats", "PIL, the same to floats in planes"),
            ("fast", "fast", "draft", "PIL in draft mode"),
        ];
        foreach (var contest in contests)
        {
            var (ours, theirs) = (new Series(), new Series());
            for (var round = -1; round < rounds; round++)
            {
                var (one, other) = (1e3 * own.Time(contest.Ours) / count, 1e3 * pil.Time(contest.Way) / count);
                if (round < 0)
                    continue; // Compiled and warm from here on.
                ours.Add(one);
                theirs.Add(other);
            }
            report.Add(pictures, contest.Name, ours.Text("0.00"), Rate(ours), $"{theirs.Median / ours.Median:0.00} x");
            report.Add(pictures, contest.Theirs, theirs.Text("0.00"), Rate(theirs), "");
        }
    }

    private static string Rate(Series milliseconds) => (1e3 / milliseconds.Median).ToString("0", CultureInfo.InvariantCulture);
}
