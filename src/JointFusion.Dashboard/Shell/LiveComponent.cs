using Microsoft.AspNetCore.Components;

namespace JointFusion.Dashboard;

/// <summary>A part of a page that is drawn anew when the board has news, and once a second, since times pass though nothing happens.</summary>
/// <remarks>
/// board beats -> wait until the last drawing is <see cref="Pace"/> old -> <see cref="LookAsync"/> -> drawn. Whatever comes meanwhile is one beat: a page that
/// cannot keep up draws less often and queues nothing, and the socket takes no more drawings than the browser has confirmed.
/// </remarks>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource leaving = new();

    [Inject]
    private protected LiveBoard Board { get; set; } = null!;

    [Inject]
    private protected TimeProvider Clock { get; set; } = null!;

    private protected LiveView View { get; private set; } = null!;

    /// <summary>Least time between two drawings.</summary>
    protected virtual TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Left => leaving.Token;

    /// <summary>Asks whatever else is drawn, with <see cref="View"/> set.</summary>
    protected virtual Task LookAsync() => Task.CompletedTask;

    protected override Task OnInitializedAsync()
    {
        View = Board.Current;
        return LookAsync();
    }

    /// <summary>Called once the browser has drawn it.</summary>
    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        if (View.Farewell is not null)
            Board.Audience.Leave(this);
        return firstRender && View.Farewell is null ? Task.WhenAll(FollowAsync(), TickAsync()) : Task.CompletedTask;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Board.Audience.Leave(this);
        leaving.Cancel();
        leaving.Dispose();
    }

    private async Task FollowAsync()
    {
        var left = leaving.Token;
        Board.Audience.Enter(this);
        using var changes = Board.Changes.Subscribe();
        try
        {
            while (true)
            {
                View = Board.Current;
                await LookAsync();
                StateHasChanged();
                await Task.Delay(Pace, Clock, left);
                await changes.NextAsync(left);
            }
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    private async Task TickAsync()
    {
        var left = leaving.Token;
        using var seconds = new PeriodicTimer(TimeSpan.FromSeconds(1), Clock);
        try
        {
            while (await seconds.WaitForNextTickAsync(left))
                StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
    }
}
