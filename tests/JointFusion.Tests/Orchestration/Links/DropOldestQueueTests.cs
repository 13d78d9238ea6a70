using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class DropOldestQueueTests
{
    [Fact]
    public async Task Should_keep_the_newest_droppable_and_all_others_in_order_when_nobody_reads()
    {
        var queue = new DropOldestQueue<int>(2, item => item < 100);
        foreach (var item in new[] { 1, 100, 2, 3, 101, 4, 102 })
            queue.Add(item);
        queue.Complete();
        queue.Add(5);

        Assert.Equal([100, 3, 101, 4, 102], await queue.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, queue.Dropped);
        Assert.False(queue.TryTake(out _));
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public async Task Should_lose_nothing_when_a_reader_keeps_up_with_several_writers()
    {
        var queue = new DropOldestQueue<int>(0, _ => false);
        var reader = queue.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken).AsTask();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var item = 0; item < 1000; item++)
                queue.Add((writer * 1000) + item);
        })));
        queue.Complete();
        Assert.Equal(Enumerable.Range(0, 4000), (await reader).Order());
    }
}
