using System;

namespace EdgeMesh.Metrics;

/// <summary>One family of metrics: what it is called, what it means, and how it is read from a model.</summary>
/// <typeparam name="TModel">The figures of one moment.</typeparam>
/// <param name="Name">Name, with the unit last and <c>_total</c> after a counter's.</param>
/// <param name="Type">Counter or gauge.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Write">Writes its samples.</param>
public sealed record MetricFamily<TModel>(
    string Name, MetricType Type, string Help, Action<MetricsWriter, TModel> Write);
