using Xunit.Sdk;
using Xunit.v3;

// Two cores carry both ends of every tunnel here: tests that measure or wait would disturb each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
