using JointFusion.Cli;
using Spectre.Console.Testing;
using Xunit;

namespace JointFusion.Tests;

/// <summary><c>jf</c> in this process, with a spec of its own on disk.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jointfusion-cli-");
    private readonly TestConsole _console = new();
    private readonly StringWriter _raw = new();
    private readonly StringWriter _error = new();

    public CliRun(string spec = SpecTexts.Valid)
    {
        File.WriteAllText(Spec, spec);
        _console.Profile.Width = 180;
    }

    public string Spec => Path.Combine(_folder.FullName, "small.yaml");
    public FakeDataCatalog Data { get; } = new(Plans.Data);
    /// <summary>Lines of the terminal that it writes to; null: of none.</summary>
    public int? Screen { get; init; }

    public string Out => _console.Output + _raw;
    public string Error => _error.ToString();

    /// <summary>Files beside the spec, to see that nothing was created.</summary>
    public IEnumerable<string> Created => Directory.EnumerateFileSystemEntries(_folder.FullName).Where(path => path != Spec);

    public CliContext Context
    {
        get
        {
            _console.Profile.Height = Screen ?? _console.Profile.Height;
            return new CliContext(_console, _raw, _error, Data, Cores: 4) { IsTerminal = Screen is not null };
        }
    }

    public Task<int> Jf(params string[] args) => JointFusionCommand.RunAsync(args, Context, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _console.Dispose();
        _raw.Dispose();
        _error.Dispose();
        _folder.Delete(recursive: true);
    }
}
