using System.Globalization;
using System.Text;
using BookSaga.Contracts;

namespace BookSaga.Payment.Accounts;

/// <summary>A statement as CSV (RFC 4180): a header, CRLF, ISO times in UTC, decimals with a dot.</summary>
internal static class StatementCsv
{
    internal const string ContentType = "text/csv; charset=utf-8";

    internal const string Header = "id,created_at,type,status,amount,change,balance_after,booking_id,offer_id,reason\r\n";

    // What makes a spreadsheet take a text for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
    private static readonly char[] s_formula = ['=', '+', '-', '@', '\t', '\r'];

    private static readonly char[] s_quoted = [',', '"', '\r', '\n'];

    /// <summary>Lines of an account; <c>change</c> is what each did to its balance.</summary>
    internal static string Lines(IEnumerable<Transaction> lines, bool ofCompany)
    {
        var text = new StringBuilder();
        foreach (Transaction line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line.Id},{line.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'},{Text(line.Type)},{Text(line.Status)},")
                .Append(CultureInfo.InvariantCulture, $"{line.Amount:0.00},{Change(line, ofCompany):0.00},{line.BalanceAfter:0.00},")
                .Append(CultureInfo.InvariantCulture, $"{line.BookingId},{line.OfferId},{Text(line.Reason ?? "")}\r\n");
        }
        return text.ToString();
    }

    /// <summary>A text that neither ends its field nor becomes a formula.</summary>
    internal static string Text(string value)
    {
        string harmless = value.Length > 0 && s_formula.Contains(value[0]) ? "'" + value : value;
        return harmless.IndexOfAny(s_quoted) < 0 ? harmless : '"' + harmless.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }

    private static decimal Change(Transaction line, bool ofCompany) => (line.Status, line.Type) switch
    {
        ("refused", _) => 0,
        (_, "payment" or "forfeit") => ofCompany ? line.Amount : -line.Amount,
        _ => ofCompany ? -line.Amount : line.Amount,
    };
}
