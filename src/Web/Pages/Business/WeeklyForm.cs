using System.Globalization;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Business;

/// <summary>A weekly pattern as it is typed, and as the API takes it.</summary>
internal static class WeeklyForm
{
    internal const string ByHours = "hours";
    internal const string ByTimes = "times";

    /// <summary>Days as the API names them, from Monday.</summary>
    internal static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <summary>What is shown at first: four weeks of working days.</summary>
    internal static void Prefill(Form form, Visitor visitor, DateOnly today)
    {
        if (form.WasSent || form.WasKept)
        {
            return; // an empty field was emptied
        }
        form["time_zone"] = visitor.Zone.Id;
        form["from"] = Iso(today.AddDays(1));
        form["to"] = Iso(today.AddDays(28));
        form["days"] = string.Join(',', Days[..5]);
        form["mode"] = ByHours;
        (form["hours_from"], form["hours_to"], form["every_minutes"]) = ("10:00", "18:00", "60");
    }

    internal static bool HasDay(Form form, string day) => form["days"].Split(',').Contains(day);

    /// <summary>The body of the request; stop when the form has errors.</summary>
    internal static object Read(Form form, Texts texts)
    {
        bool byTimes = form["mode"] == ByTimes;
        string[] days = [.. form["days"].Split(',').Where(Days.Contains)];
        if (days.Length == 0)
        {
            form.Fail("days", texts["businessproblem.invalid_days"]);
        }
        return new
        {
            service_id = ServiceField.Read(form),
            price = form.Amount("price"),
            description = form["description"].Trim(),
            time_zone = form.Required("time_zone"),
            from = form.Required("from"),
            to = form.Required("to"),
            days,
            times = byTimes ? Times(form, texts) : null,
            hours = byTimes ? null : Hours(form, texts),
        };
    }

    /// <summary>What makes two patterns the same, so that nothing is posted that was not shown.</summary>
    internal static string Fingerprint(Form form) => string.Join('|', ((string[])["service_id", "price", "time_zone", "from", "to", "days", "mode", "times", "hours_from", "hours_to", "every_minutes"])
        .Select(field => form[field].Trim()));

    /// <summary>The field that a refusal is about, where its name is not in the code.</summary>
    internal static string? FieldOf(string code) => code switch
    {
        "invalid_hours" => "every_minutes",
        "too_many_offers" => "to",
        "service_not_found" => "service_id",
        _ => null,
    };

    private static string[] Times(Form form, Texts texts)
    {
        string[] words = form.Required("times").Split([',', ';', ' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var times = new List<string>();
        foreach (string word in words)
        {
            if (TimeOnly.TryParseExact(word.Replace('.', ':'), ["HH:mm", "H:mm", "%H"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time))
            {
                times.Add(time.ToString("HH:mm", CultureInfo.InvariantCulture));
            }
            else
            {
                form.Fail("times", texts["business.weekly.times.wrong", word.Length > 20 ? word[..20] + "…" : word]);
            }
        }
        return [.. times.Distinct()];
    }

    private static object Hours(Form form, Texts texts)
    {
        if (!int.TryParse(form.Required("every_minutes"), NumberStyles.None, CultureInfo.InvariantCulture, out int minutes) || minutes is < 5 or > 1440)
        {
            form.Fail("every_minutes", texts["business.weekly.every.wrong"]);
        }
        return new { from = form.Required("hours_from"), to = form.Required("hours_to"), every_minutes = minutes };
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
