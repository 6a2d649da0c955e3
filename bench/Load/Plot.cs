using System.Globalization;
using System.Text;

namespace BookSaga.Load;

/// <summary>Latency against throughput as an SVG: the closed loads of both modes, and the steady rates.</summary>
internal static class Plot
{
    private const int Width = 760, Height = 420, Left = 60, Right = 20, Top = 30, Bottom = 50;
    private static readonly double[] Ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    internal static string Draw(Results results)
    {
        Load[] all = [.. results.EndToEnd, .. results.AtRate];
        double most = Math.Max(1, all.Max(l => l.PerS)) * 1.05;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>""").AppendLine();
        foreach (double tick in Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{Width - Right}" y1="{Y(tick):0}" y2="{Y(tick):0}" stroke="#ddd"/><text x="{Left - 6}" y="{Y(tick) + 4:0}" text-anchor="end">{tick}</text>""").AppendLine();
        }
        for (double x = 0; x < most; x += Step(most))
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{X(x, most):0}" y="{Height - Bottom + 18}" text-anchor="middle">{x:N0}</text>""").AppendLine();
        }
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width / 2}" y="{Height - 12}" text-anchor="middle">bookings a second</text><text x="14" y="{Height / 2}" text-anchor="middle" transform="rotate(-90 14 {Height / 2})">latency, ms</text>""").AppendLine();
        Series(svg, 0, "orchestration, p50", "#0b6", [.. results.EndToEnd.Where(l => l.Mode == "orchestration")], l => l.P50, most);
        Series(svg, 1, "orchestration, p99", "#07a", [.. results.EndToEnd.Where(l => l.Mode == "orchestration")], l => l.P99, most);
        Series(svg, 2, "choreography, p50", "#c80", [.. results.EndToEnd.Where(l => l.Mode == "choreography")], l => l.P50, most);
        Series(svg, 3, "steady rate, p99", "#c36", [.. results.AtRate], l => l.P99, most);
        if (results.LimitSagasPerS < most)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{X(results.LimitSagasPerS, most):0}" x2="{X(results.LimitSagasPerS, most):0}" y1="{Top}" y2="{Height - Bottom}" stroke="#888" stroke-dasharray="4"/><text x="{X(results.LimitSagasPerS, most) - 4:0}" y="{Height - Bottom - 6}" text-anchor="end">plain SQL</text>""").AppendLine();
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void Series(StringBuilder svg, int number, string name, string colour, Load[] loads, Func<Load, double> latency, double most)
    {
        if (loads.Length == 0)
        {
            return;
        }
        string points = string.Join(' ', loads.Select(l => string.Create(CultureInfo.InvariantCulture, $"{X(l.PerS, most):0.#},{Y(latency(l)):0.#}")));
        svg.Append(CultureInfo.InvariantCulture, $"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>""");
        foreach (Load load in loads)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{X(load.PerS, most):0.#}" cy="{Y(latency(load)):0.#}" r="3" fill="{colour}"/>""");
        }
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left + 10 + (number * 165)}" y="18" fill="{colour}">{name}</text>""").AppendLine();
    }

    private static double X(double perS, double most) => Left + (perS / most * (Width - Left - Right));

    // Logarithmic between the first and the last tick.
    private static double Y(double ms) =>
        Height - Bottom - (Math.Log(Math.Clamp(ms, Ticks[0], Ticks[^1]) / Ticks[0]) / Math.Log(Ticks[^1] / Ticks[0]) * (Height - Top - Bottom));

    private static double Step(double most) => most switch { > 6000 => 2000, > 2500 => 1000, _ => 500 };
}
