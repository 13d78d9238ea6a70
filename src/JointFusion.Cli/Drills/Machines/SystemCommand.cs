using System.ComponentModel;
using System.Diagnostics;

namespace JointFusion.Cli;

/// <summary>A program of the system, run to its end.</summary>
internal static class SystemCommand
{
    /// <exception cref="InvalidOperationException">It failed; the message is its own.</exception>
    public static async Task RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        if (await FaultAsync(program, arguments) is { } fault)
            throw new InvalidOperationException(fault);
    }

    /// <returns>Null: it succeeded.</returns>
    public static async Task<string?> FaultAsync(string program, params IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = (await process.StandardError.ReadToEndAsync()).Trim();
            await output;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {(errors.Length > 0 ? errors : $"exit code {process.ExitCode}")}";
        }
        catch (Win32Exception missing)
        {
            return $"{program}: {missing.Message}";
        }
    }
}
