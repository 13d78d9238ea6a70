using System.Diagnostics;
using System.Globalization;
using System.Reflection.PortableExecutable;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Verbs that need no tensor load neither libtorch nor what servers and workers are made of: what they take in time is for benchmarks to say.</summary>
public sealed class StartUpTests : IDisposable
{
    private static readonly string[] Heavy =
        ["TorchSharp", "Akka", "Microsoft.AspNetCore", "Microsoft.Extensions", "JointFusion.Training", "JointFusion.Retrieval", "AWSSDK", "Npgsql", "Microsoft.ML", "NetVips", "Parquet"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(0, "plan", "SPEC")]
    [InlineData(0, "plan", "SPEC", "--json")]
    [InlineData(3, "status", "--server", "http://127.0.0.1:1")]
    [InlineData(3, "fork", "first/early", "--server", "http://127.0.0.1:1")]
    [InlineData(0, "schema")]
    [InlineData(0, "completion", "bash")]
    public async Task Should_load_no_libtorch_when_no_tensor_is_needed(int code, params string[] arguments)
    {
        using var cli = new CliRun();

        Assert.Equal(code, await cli.Jf([.. arguments.Select(argument => argument == "SPEC" ? cli.Spec : argument)]));

        var native = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.ModuleName).ToList();
        Assert.Contains(native, name => name.StartsWith("libcoreclr", StringComparison.Ordinal));
        Assert.DoesNotContain(native, name => name.Contains("LibTorchSharp", StringComparison.OrdinalIgnoreCase) || name.Contains("torch_cpu", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A process of its own, in which nothing but the verb has run.</summary>
    /// <param name="most">Methods compiled while it ran, where its own were ahead of time: a fifth more than when this was written.</param>
    [Theory]
    [InlineData(0, 140, "--help")]
    [InlineData(0, 470, "plan", "SPEC")]
    [InlineData(3, 1_040, "status", "--server", "http://127.0.0.1:1")]
    public async Task Should_load_and_compile_little_when_no_tensor_is_needed(int code, int most, params string[] arguments)
    {
        var loaded = folder.In("loaded");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "jf"), arguments.Select(argument => argument == "SPEC" ? Spec() : argument))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location, [StartupHook.File] = loaded, ["JF_CACHE"] = folder.Path, ["JF_STATE"] = folder.Path },
        };
        using var jf = Process.Start(start)!;
        var cancel = TestContext.Current.CancellationToken;
        var (output, errors) = (jf.StandardOutput.ReadToEndAsync(cancel), jf.StandardError.ReadToEndAsync(cancel));
        await jf.WaitForExitAsync(cancel);
        Assert.True(jf.ExitCode == code, $"{await output}{await errors}");

        var lines = await File.ReadAllLinesAsync(loaded, cancel);
        Assert.Contains("System.CommandLine", lines);
        Assert.DoesNotContain(lines, name => Heavy.Any(heavy => name.StartsWith(heavy, StringComparison.Ordinal)));
        if (arguments[0] == "plan") // Program.cs has nothing compiled that is used once.
            Assert.DoesNotContain("System.Reflection.Emit.Lightweight", lines);
        if (IsCompiledAhead("jf.dll"))
            Assert.InRange(int.Parse(lines[0], CultureInfo.InvariantCulture), 1, most);
    }

    /// <summary>In Release builds on x64 Linux: see tools/AheadOfTime.targets.</summary>
    private static bool IsCompiledAhead(string assembly)
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    /// <summary>Its data set is a manifest alone: a plan looks at no other file of it.</summary>
    private string Spec()
    {
        var layout = new MbeirLayout(Directory.CreateDirectory(folder.In(IconsDataSet.CacheName)).FullName);
        new DataManifest
        {
            Name = IconsDataSet.Name,
            Builder = IconsDataSet.CacheName,
            Source = "test",
            Notes = [],
            HeldOutWords = [],
            VocabularySize = Plans.Data.VocabularySize,
            TrainQueries = Plans.Data.TrainQueries,
            Splits = Plans.Data.Splits,
            Files = [new ManifestFile("gone.txt", 8, "none")],
        }.Write(layout);
        folder.Write("small.yaml", SpecTexts.Valid);
        return folder.In("small.yaml");
    }
}
