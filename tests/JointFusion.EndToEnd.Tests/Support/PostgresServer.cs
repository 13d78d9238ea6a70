using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using JointFusion.Orchestration;
using Npgsql;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A PostgreSQL of Debian's packages over a folder of its own, reached through a socket there and with a password. What needs it skips where there is none.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Packages = "/usr/lib/postgresql";
    private const string User = "jf";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-pg-");
    private readonly string? programs = Programs();
    private readonly bool withTls;
    private bool isRunning;
    private int port = 5432;

    public PostgresServer()
    {
    }

    private PostgresServer(bool withTls) => this.withTls = withTls;

    /// <summary>Of the only user; in no log and no output.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(24);

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(folder.FullName, "data");

    public async ValueTask InitializeAsync()
    {
        if (programs is null)
            return;
        var secret = Path.Combine(folder.FullName, "password");
        await File.WriteAllTextAsync(secret, Password);
        if (IsRoot)
            await DoneAsync("chown", "-R", "postgres", folder.FullName); // It refuses to run as root.
        await DoneAsOwnerAsync("initdb", "-D", Data, "-U", User, "--auth=scram-sha-256", $"--pwfile={secret}", "--no-sync", "--locale=C", "--encoding=UTF8");
        if (withTls)
            await PrepareTlsAsync();
        await StartAsync();
    }

    /// <summary>For a test to begin with.</summary>
    public void Require() => Assert.SkipWhen(programs is null, "There is no PostgreSQL: apt-get install postgresql");

    /// <summary>Answers on loopback too, with a certificate of <see cref="Authority"/>'s.</summary>
    public static async Task<PostgresServer> StartWithTlsAsync()
    {
        var server = new PostgresServer(withTls: true);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Its certificate, as a PEM file; also of one whose key it does not have.</summary>
    public string Authority => Path.Combine(folder.FullName, "authority.pem");

    /// <summary>By TLS to a database.</summary>
    /// <param name="authority">Whom to trust.</param>
    public string ByTls(string database, string authority) => new NpgsqlConnectionStringBuilder(database)
    {
        Host = "127.0.0.1",
        SslMode = SslMode.VerifyFull,
        RootCertificate = authority,
    }.ConnectionString;

    /// <summary>A new database.</summary>
    /// <returns>Its connection string, with the password.</returns>
    public async Task<string> DatabaseAsync()
    {
        var name = $"jf_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return Connection(name);
    }

    /// <summary>The values of one column.</summary>
    public static async Task<List<T>> ColumnAsync<T>(string connection, string sql)
    {
        await using var source = new NpgsqlConnection(connection);
        await source.OpenAsync();
        await using var command = new NpgsqlCommand(sql, source);
        await using var rows = await command.ExecuteReaderAsync();
        List<T> values = [];
        while (await rows.ReadAsync())
            values.Add(await rows.GetFieldValueAsync<T>(0));
        return values;
    }

    /// <summary>Returns once it answers.</summary>
    public async Task StartAsync()
    {
        await DoneAsOwnerAsync(
            "pg_ctl", "start", "--wait", "-D", Data, "-l", Path.Combine(folder.FullName, "log"), "-o",
            $"-k {folder.FullName} -p {port} -c fsync=off -c listen_addresses={(withTls ? "127.0.0.1 -c ssl=on" : "''")}");
        isRunning = true;
    }

    /// <summary>As a crash ends it.</summary>
    public async Task StopAsync()
    {
        isRunning = false;
        await DoneAsOwnerAsync("pg_ctl", "stop", "-D", Data, "-m", "immediate");
    }

    public async ValueTask DisposeAsync()
    {
        if (isRunning)
            await StopAsync();
        folder.Delete(recursive: true);
    }

    private static string? Programs() => Directory.Exists(Packages)
        ? Directory.GetDirectories(Packages).Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
        : null;

    private string Connection(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder.FullName,
        Port = port,
        Database = database,
        Username = User,
        Password = Password,
        Pooling = false,
    }.ConnectionString;

    private async Task PrepareTlsAsync()
    {
        port = FreePort();
        var certificates = new CertificateFolder(folder.FullName);
        certificates.CreateAuthority(DateTimeOffset.UtcNow);
        certificates.CreateNode("server", ["127.0.0.1"], DateTimeOffset.UtcNow);
        File.Move(certificates.Certificate("server"), Path.Combine(Data, "server.crt"));
        File.Move(certificates.Key("server"), Path.Combine(Data, "server.key"));
        if (IsRoot)
            await DoneAsync("chown", "postgres", Path.Combine(Data, "server.crt"), Path.Combine(Data, "server.key"));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private ProcessStartInfo AsOwner(string program, params IEnumerable<string> arguments)
    {
        string[] whole = [Path.Combine(programs!, program), .. arguments];
        return Quiet(IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. whole] : whole);
    }

    private ProcessStartInfo Quiet(string[] command) =>
        new(command[0], command[1..]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };

    private Task DoneAsOwnerAsync(string program, params IEnumerable<string> arguments) => DoneAsync(AsOwner(program, arguments));

    private Task DoneAsync(params string[] command) => DoneAsync(Quiet(command));

    private static async Task DoneAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)}: {process.ExitCode}\n{await output}\n{await errors}");
    }
}
