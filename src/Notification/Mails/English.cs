namespace BookSaga.Notification.Mails;

/// <summary>The mails in English.</summary>
internal static class English
{
    internal static Texts Texts { get; } = new()
    {
        Code = "en",
        DecimalSeparator = '.',
        Weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
        Client = new Dictionary<Outcome, Letter>
        {
            [Outcome.Paid] = new("Booking paid", "Your booking is paid and confirmed. See you there.", "You can cancel it under “My bookings”."),
            [Outcome.Failed] = new("Booking failed", "Your booking could not be made.", "No money is missing: nothing was taken from your balance, or what was taken has already been returned in full."),
            [Outcome.Cancelled] = new("Booking cancelled", "A paid booking was cancelled.", "A refund goes to your balance at once."),
            [Outcome.DayBefore] = new("Booking reminder", "Your appointment is coming up.", "If you cannot come, please cancel: before you confirm, the booking’s page shows what is refunded."),
            [Outcome.HourBefore] = new("Your booking is soon", "Your appointment begins soon. See you there.", "If you are late, please call the company."),
        },
        Company = new Dictionary<Outcome, Letter>
        {
            [Outcome.Paid] = new("New paid booking", "A client has booked and paid.", "The price is credited to the company."),
            [Outcome.Failed] = new("Booking failed", "A client wanted to book, but the booking could not be made.", "No money is missing: nothing was taken from the client, or what was taken has already been returned in full."),
            [Outcome.Cancelled] = new("Booking cancelled", "A paid booking was cancelled.", "A refund goes to the client’s balance at once."),
        },
        Reasons = new Dictionary<string, string>
        {
            ["insufficient_funds"] = "The balance did not cover the price.",
            ["offer_withdrawn"] = "The company withdrew the offer.",
            ["offer_taken"] = "This time is already taken.",
            ["offer_not_found"] = "The offer was not found.",
            ["deadline"] = "The booking could not be completed in time.",
        },
        OtherReason = "The booking could not be completed",
        NoReason = "none given",
        Hello = "Hello",
        Nothing = "nothing",
        You = "you",
        TheClient = "the client",
        TheCompany = "the company",
        Labels = new Labels
        {
            Service = "Service",
            Company = "Company",
            Address = "Address",
            Phone = "Phone",
            Time = "Time",
            ClientTime = "Client’s time",
            Price = "Price",
            Reason = "Reason",
            CancelledBy = "Cancelled by",
            Refunded = "Refunded",
            ClientName = "Client",
            ClientEmail = "Client’s e-mail",
            Offer = "Offer number",
            Booking = "Booking number",
        },
        OpenBooking = "Open the booking",
        NoMoreReminders = "No more reminders",
        Footer = "This mail was sent automatically by BookSaga.",
    };
}
