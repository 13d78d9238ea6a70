using JointFusion.Data;

namespace JointFusion.Cli;

/// <summary>What <c>jf gc</c> does, hourly beside a server, on a thread of its own.</summary>
/// <param name="policy">Null: nothing is ever removed.</param>
/// <param name="output">Takes a line each time something went, or could not.</param>
internal sealed class ServerGarbage(string root, GarbagePolicy? policy, TextWriter output)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Until <paramref name="cancel"/>.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval);
        while (policy is not null)
        {
            var told = await Task.Factory.StartNew(() => Collect(policy), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (told is not null)
                await output.WriteLineAsync(told);
            await timer.WaitForNextTickAsync(cancel);
        }
        await Task.Delay(Timeout.Infinite, cancel);
    }

    private string? Collect(GarbagePolicy may)
    {
        try
        {
            var (found, above) = new GarbageCollector(root, new UserGarbage(UserFolders.Cache, UserFolders.State)).Find(may, DateTime.UtcNow);
            foreach (var garbage in found)
                GarbageCollector.Remove(garbage);
            var freed = found.Length == 0 ? null : $"Housekeeping: freed {Sizes.Text(found.Sum(garbage => garbage.Bytes))} in {found.Length} places below {root} and this user's folders.";
            return above > 0 ? $"{freed} Still {Sizes.Text(above)} above the quota.".TrimStart() : freed;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"Housekeeping: {refused.Message} It is tried again within the hour.";
        }
    }
}
