using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JointFusion.Dashboard;

/// <summary>Where the live page is served.</summary>
public sealed record DashboardOptions
{
    /// <summary>http on a loopback address; port 0 takes a free one. Default http://127.0.0.1:0.</summary>
    public Uri Url { get; init; } = new("http://127.0.0.1:0");

    /// <summary>Takes what goes wrong while serving. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
