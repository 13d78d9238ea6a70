using Xunit.v3;

// Each test runs whole clusters or browsers, and waits for half of its time: two fill two cores. More would starve each other, and with it the moments they wait for.
[assembly: Parallelization(MaxThreads = 2)]
