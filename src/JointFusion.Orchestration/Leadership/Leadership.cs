namespace JointFusion.Orchestration;

/// <summary>A server's turn to lead, renewed until it is disposed of, or lost.</summary>
public sealed class Leadership : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly LeaderLease lease;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ending = new();
    private readonly CancellationTokenSource lost = new();
    private readonly Task renewing;
    private bool isDisposed;

    /// <param name="since">Time stamp of <paramref name="clock"/> before it was asked for.</param>
    internal Leadership(LeaderLease lease, long term, TimeProvider clock, long since)
    {
        this.lease = lease;
        this.clock = clock;
        Term = term;
        renewing = RenewAsync(since);
    }

    /// <summary>Higher than any that began before.</summary>
    public long Term { get; }

    /// <summary>Cancelled when another leads, or may from now on.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Lets another one lead at once, if it was not lost. A second time does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        await ending.CancelAsync();
        await renewing;
        try
        {
            if (!lost.IsCancellationRequested)
                await lease.GiveUpAsync(Term);
        }
        catch (DatabaseAwayException)
        {
            // It ends by itself.
        }
        ending.Dispose();
        lost.Dispose();
    }

    private async Task RenewAsync(long renewed)
    {
        while (true)
        {
            var left = Left(renewed);
            try
            {
                await Task.Delay(left < Interval ? left : Interval, clock, ending.Token);
                var asked = clock.GetTimestamp();
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                limit.CancelAfter(left);
                if (!await lease.RenewAsync(Term, limit.Token))
                    break;
                renewed = asked;
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away) when (away is DatabaseAwayException or OperationCanceledException)
            {
                // Asked again while the turn lasts.
            }
            if (Left(renewed) == TimeSpan.Zero)
                break;
        }
        await lost.CancelAsync();
    }

    private TimeSpan Left(long renewed)
    {
        var left = LeaderLease.Turn - clock.GetElapsedTime(renewed);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
