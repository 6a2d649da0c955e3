using System.Globalization;
using System.Text.RegularExpressions;

namespace BookSaga.Web.Pages.Business;

/// <summary>Coordinates as people have them: two numbers, or the address of a map.</summary>
internal static partial class Place
{
    /// <summary>Latitude and longitude in degrees from <c>55.757, 37.621</c>, <c>55,757 37,621</c> or a link of OpenStreetMap or Google Maps.</summary>
    internal static bool TryRead(string text, out double lat, out double lng)
    {
        Match match = Link().Match(text) is { Success: true } link ? link : Numbers().Match(text.Trim());
        (lat, lng) = (Number(match.Groups["lat"].Value), Number(match.Groups["lng"].Value));
        return match.Success && Math.Abs(lat) <= 90 && Math.Abs(lng) <= 180;
    }

    internal static string Write(double lat, double lng) => string.Create(CultureInfo.InvariantCulture, $"{lat}, {lng}");

    private static double Number(string text) => double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;

    [GeneratedRegex(@"#map=[\d.]+/(?<lat>-?\d+\.\d+)/(?<lng>-?\d+\.\d+)|@(?<lat>-?\d+\.\d+),(?<lng>-?\d+\.\d+)|mlat=(?<lat>-?\d+\.\d+)&mlon=(?<lng>-?\d+\.\d+)")]
    private static partial Regex Link();

    // A comma is a decimal sign only where something else separates the two.
    [GeneratedRegex(@"^(?<lat>-?\d{1,3}(\.\d+)?)\s*[,;\s]\s*(?<lng>-?\d{1,3}(\.\d+)?)$|^(?<lat>-?\d{1,3}(,\d+)?)\s*[;\s]\s*(?<lng>-?\d{1,3}(,\d+)?)$")]
    private static partial Regex Numbers();
}
