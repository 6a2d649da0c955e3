using BookSaga.Web.Api;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Live sagas of one kind at one step; an empty step: none of their drives gave up.</summary>
public sealed record LiveSagas(string Kind, string Step, long Live, long Stuck, DateTimeOffset Oldest, long OverMinute, long OverTenMinutes);

/// <summary>A booking's saga or its cancellation's; both have the booking's id.</summary>
public sealed record Saga(
    Guid Id, string Kind, string Status, bool Live, bool Stuck, Guid CustomerId, long OfferId, long? CompanyId, int Attempts, DateTimeOffset? NextAt, DateTimeOffset? Deadline,
    string? LastStep, string? LastError, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>Everything about one booking, from all services; those that did not answer are <c>Silent</c>.</summary>
public sealed record SagaView(
    IReadOnlyList<Saga> Sagas, IReadOnlyList<TimelineStep> Timeline, IReadOnlyList<SagaMail> Mails, IReadOnlyList<JournalLine> Actions, IReadOnlyList<string> Silent);

/// <summary>A mail of one booking.</summary>
public sealed record SagaMail(long Id, string Kind, string Audience, string State, int Attempts, string LastError, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>What an operator did.</summary>
public sealed record JournalLine(DateTimeOffset At, Guid OperatorId, string OperatorEmail, string Action, string Target, string Reason);

/// <summary>What became of a retry or a cancellation.</summary>
public sealed record ActionResult(Guid Id, string Result, string? Code = null);

/// <summary>How many sagas a bulk action is about, and the first of them.</summary>
public sealed record BulkPreview(int Count, IReadOnlyList<Guid> Ids);

/// <summary>What the auditor found.</summary>
public sealed record AuditReport(bool Holds, DateTimeOffset? AuditedAt, IReadOnlyList<Invariant> Invariants);

/// <summary>A rule, and what breaks it.</summary>
public sealed record Invariant(string Name, bool Holds, IReadOnlyList<Violation> Violations);

/// <summary>A row that breaks a rule.</summary>
public sealed record Violation(string Subject, string Detail, DateTimeOffset Since);

/// <summary>The ledger as of its latest block.</summary>
public sealed record LedgerState(decimal TrialBalance, long Transfers, LedgerBlock? Block);

/// <summary>A service's queues; none: all are empty, or it does not answer.</summary>
public sealed record ServiceQueues(string Service, bool Reachable, IReadOnlyList<QueueState> Queues);

/// <summary>One queue.</summary>
public sealed record QueueState(string Name, long Waiting, long Refused, long Dead, DateTimeOffset? Oldest, string LastError);

/// <summary>A line of the table of queues; no queue: nothing waits, or nobody answers.</summary>
public sealed record QueueLine(ServiceQueues Service, QueueState? Queue);

/// <summary>What was refused again and again.</summary>
public sealed record LetterList(IReadOnlyList<DeadLetter> DeadLetters, IReadOnlyList<string> Silent);

/// <summary>An event, a mail or a webhook delivery.</summary>
public sealed record DeadLetter(string Service, string Id, string Queue, string Type, string BookingId, DateTimeOffset CreatedAt, int Attempts, string LastError);

/// <summary>How many of them are tried again.</summary>
public sealed record ReplayResult(int Replayed);
