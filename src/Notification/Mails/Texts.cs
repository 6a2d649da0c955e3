namespace BookSaga.Notification.Mails;

/// <summary>All words of the mails in one language; months and weekdays too, so that no mail depends on the host's locale data.</summary>
internal sealed record Texts
{
    /// <summary><c>ru</c> or <c>en</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Between whole units and hundredths.</summary>
    public required char DecimalSeparator { get; init; }

    /// <summary>From Sunday.</summary>
    public required IReadOnlyList<string> Weekdays { get; init; }

    /// <summary>As they stand after the day of the month.</summary>
    public required IReadOnlyList<string> Months { get; init; }

    /// <summary>What the client reads.</summary>
    public required IReadOnlyDictionary<Outcome, Letter> Client { get; init; }

    /// <summary>What the company reads.</summary>
    public required IReadOnlyDictionary<Outcome, Letter> Company { get; init; }

    /// <summary>Sentences for reason codes.</summary>
    public required IReadOnlyDictionary<string, string> Reasons { get; init; }

    /// <summary>The sentence for a code that is not in <see cref="Reasons"/>, which follows in brackets.</summary>
    public required string OtherReason { get; init; }

    /// <summary>When nobody gave a reason.</summary>
    public required string NoReason { get; init; }

    /// <summary>Before the client's name.</summary>
    public required string Hello { get; init; }

    /// <summary>When nothing was refunded.</summary>
    public required string Nothing { get; init; }

    /// <summary>The client cancelled, said to the client.</summary>
    public required string You { get; init; }

    /// <summary>The client cancelled, said to the company.</summary>
    public required string TheClient { get; init; }

    /// <summary>The company cancelled.</summary>
    public required string TheCompany { get; init; }

    /// <summary>Names of the rows.</summary>
    public required Labels Labels { get; init; }

    /// <summary>On the button to the booking's page.</summary>
    public required string OpenBooking { get; init; }

    /// <summary>On the link that ends reminders.</summary>
    public required string NoMoreReminders { get; init; }

    /// <summary>The last line.</summary>
    public required string Footer { get; init; }

    /// <summary>The words of <paramref name="language"/>.</summary>
    internal static Texts In(string language) => language == "en" ? English.Texts : Russian.Texts;
}

/// <summary>The sentences around the rows.</summary>
/// <param name="Title">Subject and heading.</param>
/// <param name="Intro">What has happened.</param>
/// <param name="Note">What follows from it.</param>
internal sealed record Letter(string Title, string Intro, string Note);

/// <summary>Names of the rows.</summary>
internal sealed record Labels
{
    public required string Service { get; init; }
    public required string Company { get; init; }
    public required string Address { get; init; }
    public required string Phone { get; init; }
    public required string Time { get; init; }
    public required string ClientTime { get; init; }
    public required string Price { get; init; }
    public required string Reason { get; init; }
    public required string CancelledBy { get; init; }
    public required string Refunded { get; init; }
    public required string ClientName { get; init; }
    public required string ClientEmail { get; init; }
    public required string Offer { get; init; }
    public required string Booking { get; init; }
}
