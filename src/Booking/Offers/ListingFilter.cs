namespace BookSaga.Booking.Offers;

/// <summary>Which listings a search wants: what of a search does not depend on the offer's time.</summary>
/// <param name="Words">Words that must be found.</param>
/// <param name="ServiceId">The category, or a parent of it.</param>
/// <param name="CompanyId">The company.</param>
/// <param name="PriceMin">The lowest price, minor units.</param>
/// <param name="PriceMax">The highest price, minor units.</param>
/// <param name="Near">Where the company is.</param>
internal sealed record ListingFilter(SearchWords? Words, int? ServiceId, long? CompanyId, long? PriceMin, long? PriceMax, Place? Near)
{
    /// <summary>Whether it asks for no more than a category, which the offers themselves tell.</summary>
    internal bool IsCategoryAlone => this == new ListingFilter(null, ServiceId, null, null, null, null);

    /// <summary>
    /// The condition on <c>listing l</c> and its <c>company c</c>. A statement for each kind of question, so that each has a plan of its own;
    /// whatever came from the client is in <paramref name="args"/>.
    /// </summary>
    internal string Condition(List<object?> args)
    {
        List<string> parts = ["c.active"];
        if (ServiceId is { } service)
        {
            string parameter = Bind(args, service);
            parts.Add($"l.service_id IN (SELECT id FROM service WHERE id = {parameter} OR parent_id = {parameter})");
        }
        if (CompanyId is { } company)
        {
            parts.Add($"l.company_id = {Bind(args, company)}");
        }
        if (PriceMin is { } least)
        {
            parts.Add($"l.price_minor >= {Bind(args, least)}");
        }
        if (PriceMax is { } most)
        {
            parts.Add($"l.price_minor <= {Bind(args, most)}");
        }
        if (Words is { } words)
        {
            // Unfinished, the last word may be no word yet, or one too common to be kept: it is looked for as it is, too.
            string begun = Bind(args, words.Begun);
            string query = $"(to_tsquery('pg_catalog.russian', {begun}) || to_tsquery('pg_catalog.simple', {begun}))";
            parts.Add($"l.words @@ {(words.Whole is { } whole ? $"(to_tsquery('pg_catalog.russian', {Bind(args, whole)}) && {query})" : query)}");
        }
        if (Near is { } near)
        {
            IEnumerable<string> boxes = near.Boxes().Select(box =>
                $"place(c.location) <@ box(point({Bind(args, box.West)}, {Bind(args, box.South)}), point({Bind(args, box.East)}, {Bind(args, box.North)}))");
            parts.Add($"c.location IS NOT NULL AND ({string.Join(" OR ", boxes)})");
            parts.Add($"{Distance(args)} <= {Bind(args, near.RadiusKm)}");
        }
        return string.Join(" AND ", parts);
    }

    /// <summary>How far the company is, kilometres; null without a place.</summary>
    internal string Distance(List<object?> args) =>
        Near is { } near ? $"distance_km(c.location, {Bind(args, near.Lat)}, {Bind(args, near.Lng)})" : "NULL::double precision";

    private static string Bind(List<object?> args, object value)
    {
        args.Add(value);
        return $"${args.Count}";
    }
}
