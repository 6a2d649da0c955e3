using System.Net;
using BookSaga.Contracts.Webhooks;
using Google.Protobuf.Collections;

namespace BookSaga.Notification.Webhooks.Subscriptions;

/// <summary>What a webhook may be; every problem at once, by field. What a name resolves to is checked at each request.</summary>
internal static class FieldCheck
{
    private const int MaxUrl = 2048;

    internal static WebhookAnswer? Check(WebhookFields fields, WebhookOptions options)
    {
        var answer = new WebhookAnswer { Code = WebhookAnswer.Types.Code.Invalid };
        if (UrlProblem(fields.Url, options) is { } url)
        {
            answer.Problems.Add(new FieldProblem { Field = "url", Problem = url });
        }
        if (TypesProblem(fields.EventTypes) is { } types)
        {
            answer.Problems.Add(new FieldProblem { Field = "event_types", Problem = types });
        }
        return answer.Problems.Count > 0 ? answer : null;
    }

    private static string? UrlProblem(string text, WebhookOptions options)
    {
        if (text.Length == 0)
        {
            return "is required";
        }
        if (text.Length > MaxUrl)
        {
            return $"must be at most {MaxUrl} characters long";
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Host.Length == 0 || text.Any(char.IsControl))
        {
            return "must be an address such as https://example.com/hooks";
        }
        if (url.Scheme != Uri.UriSchemeHttps && !(options.AllowHttp && url.Scheme == Uri.UriSchemeHttp))
        {
            return "must begin with https://";
        }
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return "must have neither user nor fragment";
        }
        return !options.AllowPrivateAddresses && IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address) && !PublicAddress.Is(address) ? "must lead to a public address" : null;
    }

    private static string? TypesProblem(RepeatedField<string> types)
    {
        string known = string.Join(", ", WebhookEvent.Types);
        return types.Count == 0 ? $"must have at least one of {known}"
            : types.FirstOrDefault(type => !WebhookEvent.Types.Contains(type)) is { } unknown ? $"has the unknown type {unknown}; known are {known}" : null;
    }
}
