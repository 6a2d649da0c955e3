using System.ComponentModel;
using System.Globalization;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Mvc;

namespace BookSaga.Booking.Offers;

/// <summary>What a search may ask for; all of it optional.</summary>
internal sealed record SearchParameters(
    [property: FromQuery(Name = "q"), Description("Words of the service, its category, the company or the description, Russian or English; the last one may be unfinished.")] string? Words,
    [property: FromQuery(Name = "service_id"), Description("A category; a parent includes its children.")] int? ServiceId,
    [property: FromQuery(Name = "company_id")] long? CompanyId,
    [property: FromQuery(Name = "from"), Description("RFC 3339, inclusive.")] string? From,
    [property: FromQuery(Name = "to"), Description("RFC 3339, inclusive.")] string? To,
    [property: FromQuery(Name = "price_min"), Description("In major units, inclusive.")] string? PriceMin,
    [property: FromQuery(Name = "price_max"), Description("In major units, inclusive.")] string? PriceMax,
    [property: FromQuery(Name = "near"), Description("A place: latitude,longitude in degrees.")] string? Near,
    [property: FromQuery(Name = "radius_km"), Description("With near: above 0, at most 500; 25 unless given.")] string? RadiusKm)
{
    private const int MaxWordsLength = 200;
    private const decimal MaxPrice = 1_000_000_000m;
    private static readonly DateTimeOffset s_endOfTime = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>From when on, as given or <paramref name="fallback"/>.</summary>
    /// <exception cref="InvalidParameterException">It is no time.</exception>
    internal DateTimeOffset First(DateTimeOffset fallback) => QueryValues.Time("from", From) ?? fallback;

    /// <summary>Until when.</summary>
    /// <exception cref="InvalidParameterException">It is no time.</exception>
    internal DateTimeOffset Last() => QueryValues.Time("to", To) ?? s_endOfTime;

    /// <summary>The rest of it, checked.</summary>
    /// <exception cref="InvalidParameterException">A parameter is not what it should be.</exception>
    internal ListingFilter Filter()
    {
        long? least = Price("price_min", PriceMin);
        long? most = Price("price_max", PriceMax);
        if (least > most)
        {
            throw new InvalidParameterException("price_min must not be above price_max");
        }
        if (CompanyId < 1)
        {
            throw new InvalidParameterException("company_id must be above 0");
        }
        return new ListingFilter(ReadWords(), ServiceId, CompanyId, least, most, ReadPlace());
    }

    private SearchWords? ReadWords() =>
        string.IsNullOrWhiteSpace(Words) ? null
        : Words.Length > MaxWordsLength ? throw new InvalidParameterException($"q must be at most {MaxWordsLength} characters long")
        : SearchWords.Of(Words) ?? throw new InvalidParameterException("q must have a letter or a digit");

    private Place? ReadPlace()
    {
        if (string.IsNullOrEmpty(Near))
        {
            return string.IsNullOrEmpty(RadiusKm) ? null : throw new InvalidParameterException("radius_km needs near");
        }
        double[] numbers = [.. Near.Split(',').Select(part => Number(part.Trim()) ?? double.NaN)];
        if (numbers is not [>= -90 and <= 90, >= -180 and <= 180])
        {
            throw new InvalidParameterException("near must be latitude,longitude in degrees, such as 55.75,37.62");
        }
        double radius = string.IsNullOrEmpty(RadiusKm) ? Place.DefaultRadiusKm : Number(RadiusKm) ?? double.NaN;
        return radius is > 0 and <= Place.MaxRadiusKm
            ? new Place(numbers[0], numbers[1], radius)
            : throw new InvalidParameterException($"radius_km must be above 0 and at most {Place.MaxRadiusKm}");
    }

    private static long? Price(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal price) && price <= MaxPrice && decimal.Round(price, 2) == price
            ? (long)(price * 100)
            : throw new InvalidParameterException($"{name} must be an amount from 0 to {MaxPrice} with at most two decimals, such as 12.5");
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : null;
}
