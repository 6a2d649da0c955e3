using System.Runtime.CompilerServices;
using BookSaga.Contracts.People;
using BookSaga.Hosting.Auth;
using Grpc.Core;
using Grpc.Net.ClientFactory;

namespace BookSaga.Customer.People;

/// <summary>The other services' knowledge of a person.</summary>
internal sealed class PeopleClients(GrpcClientFactory clients, TimeProvider time)
{
    internal const string Company = "company";
    internal const string Booking = "booking";
    internal const string Payment = "payment";
    internal const string Notification = "notification";

    /// <summary>Who knows people.</summary>
    internal static readonly string[] Services = [Company, Booking, Payment, Notification];

    // Removing somebody with thousands of bookings is some statements on thousands of rows.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal Task<Prepared> PrepareAsync(string service, Person person) => Of(service).PrepareAsync(person, Call()).ResponseAsync;

    internal Task<Restored> RestoreAsync(string service, Person person) => Of(service).RestoreAsync(person, Call()).ResponseAsync;

    internal Task<Erased> EraseAsync(string service, Person person) => Of(service).EraseAsync(person, Call()).ResponseAsync;

    /// <summary>What a service keeps, in pieces of a JSON array each.</summary>
    internal async IAsyncEnumerable<string> ExportAsync(string service, Person person, [EnumeratorCancellation] CancellationToken ct)
    {
        using AsyncServerStreamingCall<Piece> call = Of(service).Export(person, Call(ct));
        while (await call.ResponseStream.MoveNext(ct))
        {
            yield return call.ResponseStream.Current.Json;
        }
    }

    private Contracts.People.People.PeopleClient Of(string service) => clients.ClientOf<Contracts.People.People.PeopleClient>(service);

    private CallOptions Call(CancellationToken ct = default) => new(deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: ct);
}
