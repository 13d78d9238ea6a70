using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>Who knocks without a token is written down once a minute and address, with how often: nobody outside can fill the audit log, or push others' lines out of it.</summary>
internal sealed class RefusalNotes(DashboardOptions options, TimeProvider clock)
{
    private const int MostAddresses = 256;
    private const int LongestPath = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Told, int Since)> known = new(StringComparer.Ordinal);

    public void Note(HttpContext context)
    {
        if (options.Audit is not { } audit)
            return;
        var (from, now) = (context.Connection.RemoteIpAddress?.ToString() ?? "", clock.GetUtcNow());
        int times;
        lock (gate)
        {
            // Of very many addresses those after the first count as one.
            var address = known.ContainsKey(from) || known.Count < MostAddresses ? from : "";
            var (told, since) = known.GetValueOrDefault(address, (DateTimeOffset.MinValue, 0));
            times = since + 1;
            if (now - told < Interval)
            {
                known[address] = (told, times);
                return;
            }
            known[address] = (now, 0);
        }
        var path = context.Request.Path.ToString();
        audit.Add(new AuditEntry(now, "-", null, from, context.Request.Method, path[..Math.Min(path.Length, LongestPath)], "401 no token", times));
    }
}
