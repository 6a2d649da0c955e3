using MimeKit;

namespace BookSaga.Notification.Sending;

/// <summary>A recipient that the mail will never be taken for.</summary>
/// <param name="Address">Who.</param>
/// <param name="Words">Why, in the server's words, its code first.</param>
/// <param name="Reason">Why, a code of <see cref="SmtpReasons"/>.</param>
internal readonly record struct Refusal(string Address, string Words, string Reason);

/// <summary>What came of one attempt, by recipient.</summary>
/// <param name="Accepted">Those the mail was taken for.</param>
/// <param name="Refused">Those it will never be taken for.</param>
/// <param name="Trouble">Why the others have to wait, or null.</param>
/// <param name="Reason">The same as a code of <see cref="SmtpReasons"/>.</param>
/// <param name="Answer">The server's words for those that it was taken for.</param>
internal sealed record Delivery(IReadOnlyList<string> Accepted, IReadOnlyList<Refusal> Refused, string? Trouble, string? Reason = null, string? Answer = null)
{
    /// <summary>Nothing was taken; try again later.</summary>
    internal static Delivery Later(string trouble, string reason) => new([], [], trouble, reason);

    /// <summary>Nothing was taken and nothing will be.</summary>
    internal static Delivery Never(IEnumerable<string> recipients, string words, string reason) =>
        new([], [.. recipients.Select(address => new Refusal(address, words, reason))], null);
}

/// <summary>How a mail leaves. Anything thrown means: nothing is known, try again later.</summary>
internal abstract class MailTransport
{
    /// <summary>Makes ready for sending; cheap when it is ready already.</summary>
    internal abstract Task OpenAsync(CancellationToken ct);

    /// <summary>Sends <paramref name="message"/> to <paramref name="recipients"/>, who may be fewer than its headers name.</summary>
    internal abstract Task<Delivery> SendAsync(MimeMessage message, IReadOnlyList<string> recipients, CancellationToken ct);

    /// <summary>Ends what <see cref="OpenAsync"/> began; never throws.</summary>
    internal abstract Task CloseAsync();
}

/// <summary>The server takes no mail from <c>Mail:From</c> at the moment.</summary>
internal sealed class SenderRefusedException(string message, Exception inner) : IOException(message, inner);
