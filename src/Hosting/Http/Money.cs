namespace BookSaga.Hosting.Http;

/// <summary>Money: a decimal in major units on the wire, whole minor units (hundredths) inside; never binary floating point.</summary>
public static class Money
{
    // Sums of a million such amounts still fit a long and a JSON number below 2^53.
    private const decimal MaxMajor = 1_000_000_000m;

    /// <summary>Reads an amount or price: above 0, at most two decimals, at most a billion.</summary>
    public static bool TryToMinor(decimal major, out long minor)
    {
        minor = 0;
        if (major <= 0 || major > MaxMajor || decimal.Round(major, 2) != major)
        {
            return false;
        }
        minor = (long)(major * 100);
        return true;
    }

    /// <summary><paramref name="minor"/> in major units without trailing zeros.</summary>
    public static decimal ToMajor(long minor) => minor / 100m;
}
