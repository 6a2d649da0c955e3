namespace BookSaga.Gateway;

/// <summary>The route constraint of the web's pages: any path whose first segment is not <see cref="RouteTable.Reserved"/>.</summary>
internal sealed class PagePath : IRouteConstraint
{
    internal const string Name = "page";

    /// <inheritdoc />
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection)
    {
        string first = (values[routeKey] as string ?? "").Split('/', 2)[0];
        return !RouteTable.Reserved.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
