using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Customer.Audit;

/// <summary>GET /operator/invariants: every invariant with what breaks it at the moment; realm role <c>operator</c>.</summary>
/// <remarks>403 forbidden: no operator.</remarks>
internal static class ListFindings
{
    internal sealed record Invariant(string Name, bool Holds, IReadOnlyList<Finding> Violations);

    internal sealed record Report(bool Holds, DateTimeOffset? AuditedAt, IReadOnlyList<Invariant> Invariants);

    internal static void Map(IEndpointRouteBuilder operators) =>
        operators.MapGet("/invariants", Handle).WithSummary("Every invariant, with what breaks it at the moment");

    private static Ok<Report> Handle(Auditor auditor)
    {
        IReadOnlyCollection<Finding> findings = auditor.Findings;
        return TypedResults.Ok(new Report(
            findings.Count == 0,
            auditor.LastRound,
            [.. AuditRules.Invariants.Select(name => new Invariant(name, findings.All(f => f.Invariant != name), [.. findings.Where(f => f.Invariant == name).OrderBy(f => f.Since)]))]));
    }
}
