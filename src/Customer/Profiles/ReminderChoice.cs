namespace BookSaga.Customer.Profiles;

/// <summary>Which reminders a client wants. In a request, a part that is left out keeps its value.</summary>
/// <param name="DayBefore">24 hours before the appointment.</param>
/// <param name="HourBefore">One hour before it.</param>
internal sealed record ReminderChoice(bool? DayBefore, bool? HourBefore)
{
    /// <summary>Sets what is not null: <c>$1</c> whose, <c>$2</c> day before, <c>$3</c> hour before.</summary>
    internal const string SetSql = """
        INSERT INTO reminder_choice AS c (customer_id, day_before, hour_before) VALUES ($1, coalesce($2, true), coalesce($3, true))
        ON CONFLICT (customer_id) DO UPDATE SET day_before = coalesce($2, c.day_before), hour_before = coalesce($3, c.hour_before), updated = now()
        """;
}
