using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace JointFusion.Orchestration;

/// <summary>A queue whose writers never wait: of the items that may be dropped it keeps the newest, of the others all, and all in order.</summary>
/// <param name="capacity">Droppable items kept.</param>
public sealed class DropOldestQueue<T>(int capacity, Func<T, bool> mayDrop)
{
    private readonly Lock gate = new();
    private readonly LinkedList<T> items = [];
    private readonly Queue<LinkedListNode<T>> droppable = new();
    private readonly SemaphoreSlim available = new(0);
    private bool completed;
    private long dropped;

    /// <summary>Items left out so far.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Once completed, items are let go.</summary>
    public void Add(T item)
    {
        lock (gate)
        {
            if (completed)
                return;
            var makesRoom = mayDrop(item) && droppable.Count == capacity;
            if (makesRoom)
            {
                items.Remove(droppable.Dequeue());
                Interlocked.Increment(ref dropped);
            }
            var node = items.AddLast(item);
            if (mayDrop(item))
                droppable.Enqueue(node);
            if (!makesRoom)
                available.Release();
        }
    }

    /// <summary>No more items: readers get what is left, then the end.</summary>
    public void Complete()
    {
        lock (gate)
        {
            if (completed)
                return;
            completed = true;
            available.Release();
        }
    }

    /// <summary>Waits for the next item; false at the end.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        available.Wait();
        return TryDequeue(out item);
    }

    /// <summary>The items as they come, to the end.</summary>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        while (true)
        {
            await available.WaitAsync(cancel);
            if (!TryDequeue(out var item))
                yield break;
            yield return item;
        }
    }

    private bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        lock (gate)
        {
            if (items.First is not { } first)
            {
                item = default;
                available.Release(); // The end stays the end for whoever asks again.
                return false;
            }
            items.RemoveFirst();
            if (droppable.TryPeek(out var oldest) && oldest == first)
                droppable.Dequeue();
            item = first.Value;
            return true;
        }
    }
}
