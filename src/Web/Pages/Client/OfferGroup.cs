using BookSaga.Web.Api;

namespace BookSaga.Web.Pages.Client;

/// <summary>The found times of one service at one company.</summary>
/// <param name="First">The earliest, whose names are shown.</param>
/// <param name="Offers">All of them, in the order in which they were found.</param>
/// <param name="PriceFrom">The lowest price.</param>
public sealed record OfferGroup(Offer First, IReadOnlyList<Offer> Offers, decimal PriceFrom)
{
    /// <summary>Whether all cost the same.</summary>
    internal bool IsOnePrice { get; } = Offers.All(offer => offer.Price == PriceFrom);

    /// <summary>Groups in the order of their first offer.</summary>
    internal static IReadOnlyList<OfferGroup> Of(IEnumerable<Offer> found) =>
        [.. found.GroupBy(o => (o.CompanyId, o.ServiceId)).Select(g => new OfferGroup(g.First(), [.. g], g.Min(o => o.Price)))];
}
