using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace JointFusion.Tests;

/// <summary>Keeps what a server logs of what goes wrong, for a test's message.</summary>
internal sealed class HeardLoggers : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> lines = [];

    public override string ToString() => string.Join('\n', lines);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            lines.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
