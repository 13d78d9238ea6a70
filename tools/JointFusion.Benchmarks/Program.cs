using JointFusion.Benchmarks;

// One line a benchmark; each is a file beside this one.
IBenchmark[] benchmarks = [new AllReduceBenchmark()];

if (args is [RankProcess.Verb, .. var place]) return RankProcess.Run(place);
if (args is [var verb, .. var options] && benchmarks.FirstOrDefault(benchmark => benchmark.Verb == verb) is { } chosen)
{
    if (options is [] or ["--out", _])
    {
        var table = chosen.Run(Console.Error.WriteLine);
        Console.Write(table);
        if (options is [_, var path]) File.WriteAllText(path, table);
        return 0;
    }
}
Console.Error.WriteLine("usage: dotnet run -c Release --project tools/JointFusion.Benchmarks -- VERB [--out FILE.md]");
foreach (var benchmark in benchmarks) Console.Error.WriteLine($"  {benchmark.Verb,-12} {benchmark.Summary}");
return 2;
