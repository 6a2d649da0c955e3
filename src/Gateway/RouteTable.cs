using System.Collections.Immutable;
using static BookSaga.Gateway.Access;
using static BookSaga.Gateway.Backend;
using static BookSaga.Gateway.Limit;
using static BookSaga.Gateway.Wait;

namespace BookSaga.Gateway;

/// <summary>Everything that is reachable from outside, and nothing else. The proxy, KrakenD's file and the API reference are made from it.</summary>
internal static class RouteTable
{
    private const string Get = "GET", Post = "POST", Put = "PUT", Delete = "DELETE";

    private static readonly string[] s_paging = ["page", "limit"];
    private static readonly string[] s_period = ["from", "to"];
    private static readonly string[] s_sagas = ["kind", "state", "step", "min_age_seconds", "customer_id", "company_id", "offer_id", "booking_id", "page", "limit"];
    private static readonly string[] s_filters = ["q", "service_id", "company_id", "from", "to", "price_min", "price_max", "near", "radius_km"];
    private static readonly string[] s_search = [.. s_filters, "sort", "page", "limit"];

    /// <summary>The public API; paths are forwarded as they are.</summary>
    internal static IReadOnlyList<Route> Api { get; } =
    [
        new(Post,   "/api/v1/customer/register",                         Customer, Anyone, Limit: Login),
        new(Post,   "/api/v1/customer/login",                            Customer, Anyone, Limit: Login),
        new(Post,   "/api/v1/customer/token",                            Customer, Anyone, Limit: Login),
        new(Post,   "/api/v1/customer/logout",                           Customer, Anyone),
        new(Get,    "/api/v1/customer/profile",                          Customer, SignedIn),
        new(Put,    "/api/v1/customer/profile",                          Customer, SignedIn),
        new(Get,    "/api/v1/customer/export",                           Customer, SignedIn, Wait: Saga),
        new(Delete, "/api/v1/customer/account",                          Customer, SignedIn, Wait: Saga),
        new(Post,   "/api/v1/customer/phone/verify",                     Customer, SignedIn),
        new(Post,   "/api/v1/customer/phone/verify/check",               Customer, SignedIn),
        new(Get,    "/api/v1/customer/reminders/unsubscribe/{token}",    Customer, Anyone),
        new(Post,   "/api/v1/customer/reminders/unsubscribe/{token}",    Customer, Anyone),

        new(Post,   "/api/v1/customer/payment/create-account",           Payment,  SignedIn),
        new(Post,   "/api/v1/customer/payment/top-up",                   Payment,  SignedIn),
        new(Get,    "/api/v1/customer/payment/balance",                  Payment,  SignedIn),
        new(Get,    "/api/v1/customer/payment/transactions",             Payment,  SignedIn, s_paging),
        new(Get,    "/api/v1/customer/payment/transactions.csv",         Payment,  SignedIn, s_period, Wait: Saga),
        new(Get,    "/api/v1/customer/payment/receipts/{bookingId}",     Payment,  SignedIn),

        new(Get,    "/api/v1/customer/offers",                           Booking,  SignedIn, s_search),
        new(Get,    "/api/v1/customer/offers/my",                        Booking,  SignedIn, s_paging),
        new(Post,   "/api/v1/customer/offer/{id}/book",                  Customer, SignedIn, Wait: Saga),
        new(Get,    "/api/v1/customer/bookings",                         Customer, SignedIn, ["status", "when", "page", "limit"]),
        new(Get,    "/api/v1/customer/bookings/{id}",                    Customer, SignedIn),
        new(Get,    "/api/v1/customer/bookings/{id}/events",             Customer, SignedIn, Wait: Events),
        new(Post,   "/api/v1/customer/bookings/{id}/cancel",             Customer, SignedIn, Wait: Saga),

        new(Get,    "/api/v1/operator/invariants",                       Customer, SignedIn),
        new(Get,    "/api/v1/operator/sagas",                            Customer, SignedIn, s_sagas),
        new(Get,    "/api/v1/operator/sagas/summary",                    Customer, SignedIn),
        new(Post,   "/api/v1/operator/sagas/bulk",                       Customer, SignedIn, Wait: Saga),
        new(Get,    "/api/v1/operator/sagas/{id}",                       Customer, SignedIn),
        new(Post,   "/api/v1/operator/sagas/{id}/retry",                 Customer, SignedIn),
        new(Post,   "/api/v1/operator/sagas/{id}/cancel",                Customer, SignedIn, Wait: Saga),
        new(Get,    "/api/v1/operator/queues",                           Customer, SignedIn),
        new(Get,    "/api/v1/operator/dead-letters",                     Customer, SignedIn, ["service"]),
        new(Post,   "/api/v1/operator/dead-letters/replay",              Customer, SignedIn),
        new(Get,    "/api/v1/operator/mails",                            Customer, SignedIn, ["company_id", "booking_id", "state", "page", "limit"]),
        new(Post,   "/api/v1/operator/mails/{id}/resend",                Customer, SignedIn),
        new(Get,    "/api/v1/operator/journal",                          Customer, SignedIn, s_paging),

        new(Post,   "/api/v1/company/register",                          Company,  Anyone, Limit: Login),
        new(Post,   "/api/v1/company/login",                             Company,  Anyone, Limit: Login),
        new(Post,   "/api/v1/company/token",                             Company,  Anyone, Limit: Login),
        new(Post,   "/api/v1/company/logout",                            Company,  Anyone),
        new(Post,   "/api/v1/company",                                   Company,  SignedIn),
        new(Get,    "/api/v1/company/my",                                Company,  SignedIn, s_paging),
        new(Get,    "/api/v1/company/{id}",                              Company,  SignedIn),
        new(Put,    "/api/v1/company/{id}",                              Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/logo",                         Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/location",                     Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/activate",                     Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/deactivate",                   Company,  SignedIn),
        new(Get,    "/api/v1/company/{id}/offers",                       Company,  SignedIn, ["from", "to", "status", "sort", "page", "limit"]),
        new(Post,   "/api/v1/company/{id}/offers",                       Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/offers/weekly",                Company,  SignedIn, ["preview"], Wait: Saga),
        new(Get,    "/api/v1/company/{id}/offers/weekly/{batchId}",      Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/offers/{offerId}/cancel",      Company,  SignedIn, Wait: Saga),
        new(Get,    "/api/v1/company/{id}/payment/transactions",         Company,  SignedIn, s_paging),
        new(Get,    "/api/v1/company/{id}/payment/transactions.csv",     Company,  SignedIn, s_period, Wait: Saga),
        new(Get,    "/api/v1/company/{id}/payment/balance",              Company,  SignedIn),
        new(Get,    "/api/v1/company/{id}/mails",                        Company,  SignedIn, s_paging),
        new(Post,   "/api/v1/company/{id}/mails/{mailId}/resend",        Company,  SignedIn),
        new(Get,    "/api/v1/company/{id}/managers",                     Company,  SignedIn, s_paging),
        new(Post,   "/api/v1/company/{id}/managers",                     Company,  SignedIn),
        new(Put,    "/api/v1/company/{id}/managers/{managerId}",         Company,  SignedIn),
        new(Delete, "/api/v1/company/{id}/managers/{managerId}",         Company,  SignedIn),
        new(Get,    "/api/v1/company/{id}/webhooks",                     Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/webhooks",                     Company,  SignedIn),
        new(Put,    "/api/v1/company/{id}/webhooks/{webhookId}",         Company,  SignedIn),
        new(Delete, "/api/v1/company/{id}/webhooks/{webhookId}",         Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/webhooks/{webhookId}/rotate-secret", Company, SignedIn),
        new(Post,   "/api/v1/company/{id}/webhooks/{webhookId}/test",    Company,  SignedIn),
        new(Post,   "/api/v1/company/{id}/webhooks/{webhookId}/replay",  Company,  SignedIn),
        new(Get,    "/api/v1/company/{id}/webhooks/{webhookId}/deliveries", Company, SignedIn, s_paging),

        new(Get,    "/api/v1/booking/services",                          Booking,  Anyone),
        new(Get,    "/api/v1/offers",                                    Booking,  Anyone, s_search),
        new(Get,    "/api/v1/offers/dates",                              Booking,  Anyone, [.. s_filters, "time_zone", "days"]),
        new(Get,    "/api/v1/offers/{id}",                               Booking,  Anyone),
        new(Get,    "/api/v1/companies",                                 Company,  Anyone, s_paging),
        new(Get,    "/api/v1/companies/{id}",                            Company,  Anyone),
        new(Get,    "/api/v1/ledger",                                    Payment,  Anyone),
        new(Get,    "/api/v1/ledger/blocks/{number}",                    Payment,  Anyone),
    ];

    /// <summary>What browsers need of the identity provider, any method. Its <c>/admin</c> stays inside.</summary>
    internal static IReadOnlyList<Subtree> Subtrees { get; } =
    [
        new("/realms", Identity),
        new("/realms/{realm}/login-actions", Identity, Login),
        new("/resources", Identity),
    ];

    /// <summary>What is never the web's, so that an unknown route there stays a problem of the API, and what is internal stays inside.</summary>
    internal static ImmutableArray<string> Reserved { get; } = ["api", "realms", "resources", "admin", "docs", "openapi", "internal", "healthz", "readyz", "metrics", "status"];

    /// <summary>Request headers that reach the web: it has pages, forms and sessions.</summary>
    internal static IReadOnlyList<string> WebHeaders { get; } =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Length", "Content-Type", "Cookie", "If-Modified-Since", "If-None-Match",
        "Last-Event-ID", "Origin", "Referer", "Sec-Fetch-Site", "User-Agent",
    ];

    /// <summary>Request headers that reach a service. All others stop here, identity headers and the identity provider's cookies among them.</summary>
    internal static IReadOnlyList<string> ApiHeaders { get; } =
        ["Accept", "Accept-Language", "Authorization", "Content-Length", "Content-Type", "Idempotency-Key", "Last-Event-ID", "User-Agent"];

    /// <summary>Request headers that reach the identity provider: it has pages, sessions and cross-origin clients.</summary>
    internal static IReadOnlyList<string> IdentityHeaders { get; } =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Authorization",
        "Content-Length", "Content-Type", "Cookie", "DPoP", "If-Modified-Since", "If-None-Match", "Origin", "Referer", "User-Agent",
    ];
}

/// <summary>One public route.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path as clients and services know it.</param>
/// <param name="Backend">Who serves it.</param>
/// <param name="Access">Who may call.</param>
/// <param name="Query">Query parameters that are passed on; none unless told.</param>
/// <param name="Limit">How often one client may call.</param>
/// <param name="Wait">How long the client waits.</param>
internal sealed record Route(string Method, string Path, Backend Backend, Access Access, string[]? Query = null, Limit Limit = Usual, Wait Wait = Short);

/// <summary>All paths below one prefix, forwarded as they are.</summary>
/// <param name="Prefix">The prefix, without a slash at the end.</param>
/// <param name="Backend">Who serves them.</param>
/// <param name="Limit">How often one client may call.</param>
internal sealed record Subtree(string Prefix, Backend Backend, Limit Limit = Usual);

/// <summary>Who may call: everybody, or whoever shows a valid access token.</summary>
internal enum Access { Anyone, SignedIn }

/// <summary>How often one client may call: as often as there is capacity, or as guessing passwords must not be.</summary>
internal enum Limit { Usual, Login }

/// <summary>How long a client waits: for a statement or two, for a whole saga, or as long as it likes for events that come as they happen.</summary>
internal enum Wait { Short, Saga, Events }

/// <summary>Who serves a route.</summary>
internal enum Backend { Company, Customer, Booking, Payment, Notification, Identity, Web }
