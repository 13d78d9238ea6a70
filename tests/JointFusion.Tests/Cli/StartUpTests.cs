using System.Diagnostics;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Verbs that need no tensor load no libtorch: what they take is for benchmarks to say.</summary>
public sealed class StartUpTests
{
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
}
