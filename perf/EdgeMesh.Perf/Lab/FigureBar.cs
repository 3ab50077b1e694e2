using System.Globalization;

namespace EdgeMesh.Perf.Lab;

/// <summary>What a figure is held against: another's figure of the same run, or a number.</summary>
/// <param name="Factor">How often the other's figure, or the number in the metric's unit.</param>
/// <param name="Via">The alternative whose figure is multiplied; empty: the factor is the bar.</param>
internal sealed record FigureBar(double Factor, string Via = "")
{
    /// <summary>The bar as people write it.</summary>
    public override string ToString()
    {
        string factor = Factor.ToString("0.##", CultureInfo.InvariantCulture);
        return Via switch
        {
            "" => factor,
            "baseline" => $"{factor} x plain",
            _ => $"{factor} x {Via}",
        };
    }
}
