using System.Collections.Generic;
using EdgeMesh.Lab.Measuring;

namespace EdgeMesh.Lab.Figures;

/// <summary>One figure: samples through the tunnel and by plain routing, taken in turn.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">In what.</param>
/// <param name="Bar">What it is held against (design, section 9); empty if nothing.</param>
internal sealed record Figure(string Name, string Unit, string Bar)
{
    public List<double> Tunnel { get; } = [];

    /// <summary>Empty if plain routing has no such figure.</summary>
    public List<double> Plain { get; } = [];

    public double TunnelMedian => Percentiles.Median(Tunnel);

    public double PlainMedian => Percentiles.Median(Plain);

    public double Ratio => TunnelMedian / PlainMedian;
}
