namespace BookSaga.Booking.Offers;

/// <summary>A circle on the Earth.</summary>
/// <param name="Lat">Latitude of its centre, degrees.</param>
/// <param name="Lng">Longitude of its centre, degrees.</param>
/// <param name="RadiusKm">Kilometres.</param>
internal sealed record Place(double Lat, double Lng, double RadiusKm)
{
    internal const double DefaultRadiusKm = 25;
    internal const double MaxRadiusKm = 500;

    // The sphere of distance_km (Migrations/0005_listings.sql): 6371.0088 km, π/180 of it a degree. A little less, so that no box cuts its circle.
    private const double KmPerDegree = 111.19;

    /// <summary>Boxes of degrees that hold the circle, as west, south, east, north: two where it crosses the 180th meridian.</summary>
    internal IReadOnlyList<(double West, double South, double East, double North)> Boxes()
    {
        double height = RadiusKm / KmPerDegree;
        (double south, double north) = (Lat - height, Lat + height);
        // Around a pole every longitude is near.
        if (north >= 90 || south <= -90)
        {
            return [(-180, south, 180, north)];
        }
        // The meridian that touches the circle: sin(width) = sin(radius) / cos(latitude).
        double width = double.RadiansToDegrees(Math.Asin(Math.Min(1, Math.Sin(double.DegreesToRadians(height)) / Math.Cos(double.DegreesToRadians(Lat)))));
        (double west, double east) = (Lng - width, Lng + width);
        return west < -180 ? [(west + 360, south, 180, north), (-180, south, east, north)]
            : east > 180 ? [(west, south, 180, north), (-180, south, east - 360, north)]
            : [(west, south, east, north)];
    }
}
