using System.Globalization;

namespace EdgeMesh.Perf.Lab;

/// <summary>What a figure is held against: another's figure of the same run, or a number.</summary>
/// <param name="Factor">How often the other's figure, or the number in the metric's unit.</param>
/// <param name="Via">The alternative whose figure is multiplied; empty: the factor is the bar.</param>
internal sealed record FigureBar(double Factor, string Via = "")
{
    /// <summary>What is added to the other's figure, in the metric's unit.</summary>
    public double More { get; init; }

    /// <summary>The bar as people write it.</summary>
    public override string ToString()
    {
        string factor = Text(Factor);
        string more = More > 0 ? $" + {Text(More)}" : "";
        return Via switch
        {
            "" => factor,
            "baseline" => $"{factor} x plain{more}",
            _ => $"{factor} x {Via}{more}",
        };
    }

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
