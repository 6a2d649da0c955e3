using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Company.Companies;

/// <summary>What POST and PUT of a company take.</summary>
/// <param name="Name">Required, at most 255 characters.</param>
/// <param name="Address">Required, at most 500 characters.</param>
/// <param name="Phone">Required, free text, at most 100 characters.</param>
/// <param name="Description">At most 4,000 characters; absent is empty.</param>
/// <param name="Email">A mail address of at most 255 characters; absent is none.</param>
/// <param name="RefundableHours">0 to 8,760 (a year); absent is 24 for a new company and unchanged for a known one.</param>
internal sealed record CompanyFields(string? Name, string? Address, string? Phone, string? Description, string? Email, int? RefundableHours)
{
    internal const int DefaultRefundableHours = 24;
    private const int MaxRefundableHours = 365 * 24;

    /// <summary>The trimmed fields of <paramref name="body"/>, none of the texts null.</summary>
    internal static CompanyFields Clean(CompanyFields? body) => new(
        Text.Clean(body?.Name), Text.Clean(body?.Address), Text.Clean(body?.Phone), Text.Clean(body?.Description), Text.Clean(body?.Email), body?.RefundableHours);

    /// <summary>The first rule that cleaned fields break, or null.</summary>
    internal ProblemHttpResult? Problem() => this switch
    {
        { Name: null or "" } => Problems.BadRequest("company name is required"),
        { Address: null or "" } => Problems.BadRequest("company address is required"),
        { Phone: null or "" } => Problems.BadRequest("company phone is required"),
        { RefundableHours: < 0 or > MaxRefundableHours } =>
            Problems.BadRequest($"refundable_hours must be a whole number from 0 to {MaxRefundableHours}", "invalid_refundable_hours"),
        _ => Text.Check("name", Name, 255)
            ?? Text.Check("address", Address, 500)
            ?? Text.Check("phone", Phone, 100)
            ?? Text.Check("description", Description!, 4000)
            ?? Text.Check("email", Email!, Text.MaxEmail)
            ?? (Email!.Length == 0 || Text.IsEmail(Email) ? null : Problems.BadRequest("email is not a mail address", "invalid_email")),
    };
}
