using System;
using EdgeMesh.Dataplane.Model;

namespace EdgeMesh.Dataplane.Metrics;

/// <summary>One family of metrics: what it is called, what it means, and how it is read from the model.</summary>
/// <param name="Name">Name, with the unit last and <c>_total</c> after a counter's.</param>
/// <param name="Type">Counter or gauge.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Write">Writes its samples.</param>
internal sealed record MetricFamily(string Name, MetricType Type, string Help, Action<MetricsWriter, NodeModel> Write);
