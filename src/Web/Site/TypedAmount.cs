using System.Globalization;

namespace BookSaga.Web.Site;

/// <summary>An amount as people write it: with a comma or a point, and blanks between thousands.</summary>
internal static class TypedAmount
{
    /// <summary>Reads an amount that is not negative. Three digits behind a comma or a point may be thousands or a mistake, so they are no amount.</summary>
    internal static bool TryParse(string text, out decimal amount)
    {
        string number = new([.. text.Where(c => !char.IsWhiteSpace(c)).Select(c => c == ',' ? '.' : c)]);
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount) && amount.Scale <= 2;
    }
}
