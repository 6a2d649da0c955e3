using BookSaga.Company.Companies;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>Drives a batch: some offers a call, each outcome durable before the next call. It belongs to nobody's request.</summary>
internal sealed partial class WeeklyRun(IServiceScopeFactory scopes, WeeklyStore store, CompanyChanges changes, ILogger<WeeklyRun> logger)
{
    // A commit of booking's that holds up nothing for long.
    private const int Chunk = 200;

    /// <summary>Drives <paramref name="batch"/> to its end, or until something fails; then whoever sweeps goes on.</summary>
    internal async Task DriveAsync(WeeklyBatch batch)
    {
        try
        {
            int[] waiting;
            while ((waiting = [.. Enumerable.Range(0, batch.Outcomes.Length).Where(i => batch.Outcomes[i] == SlotOutcome.Waiting).Take(Chunk)]).Length > 0)
            {
                AddOffersReply.Types.Item[] added = await AskAsync(batch, waiting, dryRun: false) ?? throw new InvalidOperationException($"service {batch.ServiceId} is gone");
                Note(batch, waiting, added);
                if (!await store.SaveAsync(batch))
                {
                    return;
                }
            }
            await store.SaveAsync(batch);
        }
        // Whatever it is, the sweep tries again.
        catch (Exception e)
        {
            LogGaveUp(batch.Id, batch.Epoch, e.Message);
            await NoteFailureAsync(batch, e.Message);
        }
    }

    /// <summary>What would become of the slots now, for a preview; null when there is no such service.</summary>
    internal async Task<char[]?> PreviewAsync(WeeklyBatch batch)
    {
        int[] asked = [.. Enumerable.Range(0, batch.Outcomes.Length).Where(i => batch.Outcomes[i] == SlotOutcome.Waiting)];
        if (await AskAsync(batch, asked, dryRun: true) is not { } outcomes)
        {
            return null;
        }
        Note(batch, asked, outcomes);
        return batch.Outcomes;
    }

    private async Task<AddOffersReply.Types.Item[]?> AskAsync(WeeklyBatch batch, int[] slots, bool dryRun)
    {
        var command = new AddOffers
        {
            CompanyId = batch.CompanyId,
            ServiceId = batch.ServiceId,
            PriceMinor = batch.PriceMinor,
            Description = batch.Description,
            CreatedBy = batch.CreatedBy.ToString(),
            CompanyJson = dryRun ? "" : Json.Write(await changes.SnapshotAsync(batch.CompanyId, CancellationToken.None)),
            DryRun = dryRun,
            Items = { slots.Select(i => new OfferTime { Datetime = Timestamp.FromDateTimeOffset(batch.Slots[i].At!.Value), OperationId = batch.OperationOf(i).ToString() }) },
        };
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        Neighbours neighbours = scope.ServiceProvider.GetRequiredService<Neighbours>();
        AddOffersReply reply = await neighbours.Offers.AddManyAsync(command, deadline: neighbours.Deadline());
        return reply.Code switch
        {
            AddOffersReply.Types.Code.Done when reply.Items.Count == slots.Length => [.. reply.Items],
            AddOffersReply.Types.Code.ServiceNotFound => null,
            _ => throw Neighbours.Unplanned(reply.Code),
        };
    }

    private static void Note(WeeklyBatch batch, int[] slots, AddOffersReply.Types.Item[] outcomes)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            batch.Outcomes[slots[i]] = outcomes[i] switch
            {
                AddOffersReply.Types.Item.Added => SlotOutcome.Created,
                AddOffersReply.Types.Item.Exists => SlotOutcome.Exists,
                AddOffersReply.Types.Item.InThePast => SlotOutcome.Past,
                _ => throw Neighbours.Unplanned(outcomes[i]),
            };
        }
    }

    // Where this fails too the lease ends all the same.
    private async Task NoteFailureAsync(WeeklyBatch batch, string error)
    {
        try
        {
            await store.FailedAsync(batch, error);
        }
        catch (NpgsqlException)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Weekly batch {Batch}, driver {Epoch}, gave up for now: {Reason}")]
    private partial void LogGaveUp(Guid batch, int epoch, string reason);
}
