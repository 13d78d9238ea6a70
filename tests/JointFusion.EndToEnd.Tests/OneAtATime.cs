using Xunit.v3;

// Each test runs whole clusters or browsers: side by side they would starve each other, and with it the moments they wait for.
[assembly: Parallelization(MaxThreads = 1)]
