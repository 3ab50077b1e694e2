using System;
using System.Linq;
using System.Reflection;
using BenchmarkDotNet.Running;
using EdgeMesh.Benchmarks.Routing;

// `routing [PREFIXES]...`: the routing tables' figures in half a minute. Anything else goes to BenchmarkDotNet,
// e.g. `--filter *Routing*`.
if (args is ["routing", .. string[] counts])
{
    RoutingReport.Run(Console.Out, counts.Length == 0 ? RoutingReport.DefaultCounts : [.. counts.Select(int.Parse)]);
    return 0;
}

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
