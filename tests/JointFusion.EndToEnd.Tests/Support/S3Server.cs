using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A real S3-compatible server (s3rver) on a free loopback port, with one bucket. What needs it skips where there is no npm.</summary>
public sealed class S3Server : IAsyncLifetime
{
    public const string Bucket = "checkpoints";
    private const string Listening = "S3rver listening on 127.0.0.1:";

    /// <summary>The one account that the server knows, by its id and its secret.</summary>
    private const string Account = "S3RVER";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string folder = TestPaths.NewFolder("s3");
    private Process? server;
    private string port = "";

    /// <summary>What tells the SDK of this server; set where jf is started.</summary>
    public ImmutableDictionary<string, string> Environment => ImmutableDictionary<string, string>.Empty
        .Add("AWS_ENDPOINT_URL", $"http://127.0.0.1:{port}")
        .Add("AWS_ACCESS_KEY_ID", Account)
        .Add("AWS_SECRET_ACCESS_KEY", Account)
        .Add("AWS_REGION", "us-east-1");

    public async ValueTask InitializeAsync()
    {
        foreach (var file in (string[])["package.json", "package-lock.json"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Support", "S3Server", file), Path.Combine(folder, file));
        if (!await HasNpmAsync())
            return;
        using var npm = Begin("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        await EndAsync(npm);
        server = Begin(
            "node", "node_modules/s3rver/bin/s3rver.js", "--directory", "data", "--address", "127.0.0.1", "--port", "0", "--silent", "--no-vhost-buckets", "--configure-bucket", Bucket);
        using var limit = new CancellationTokenSource(Limit);
        while (await server.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith(Listening, StringComparison.Ordinal))
                continue;
            port = line[Listening.Length..];
            return;
        }
        throw new InvalidOperationException($"s3rver did not start: {await server.StandardError.ReadToEndAsync(limit.Token)}");
    }

    /// <summary>For a test to begin with.</summary>
    public void Require() => Assert.SkipWhen(server is null, "There is no npm to bring the S3 server: apt-get install nodejs npm");

    /// <summary>It is gone at once, as if its machine had lost power.</summary>
    public async Task KillAsync()
    {
        if (server is null or { HasExited: true })
            return;
        server.Kill();
        await server.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        server?.Dispose();
    }

    private static async Task<bool> HasNpmAsync()
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await npm.WaitForExitAsync();
            return npm.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private Process Begin(string program, params IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"npm ci: {process.ExitCode}\n{await output}\n{await errors}");
    }
}
