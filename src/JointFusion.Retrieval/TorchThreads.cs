using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Our own computations on as many threads as libtorch's operations take.</summary>
public static class TorchThreads
{
    /// <param name="work">Called with 0 to <paramref name="count"/> - 1, in any order.</param>
    public static void For(int count, Action<int> work)
    {
        var threads = get_num_threads();
        if (threads == 1 || count == 1)
            for (var i = 0; i < count; i++)
                work(i);
        else
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }
}
