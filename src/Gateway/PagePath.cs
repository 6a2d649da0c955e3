namespace BookSaga.Gateway;

/// <summary>The route constraint of the web's pages: any path whose first segment is not <see cref="RouteTable.Reserved"/>. Every request is asked, so nothing is allocated.</summary>
internal sealed class PagePath : IRouteConstraint
{
    internal const string Name = "page";

    /// <inheritdoc />
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection)
    {
        ReadOnlySpan<char> path = values[routeKey] as string;
        int end = path.IndexOf('/');
        ReadOnlySpan<char> first = end < 0 ? path : path[..end];
        foreach (string reserved in RouteTable.Reserved)
        {
            if (first.Equals(reserved, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
        return true;
    }
}
