using System.Text;

namespace BookSaga.Notification.Mails;

/// <summary>A mail before it has a form.</summary>
/// <param name="Language">For the <c>lang</c> attribute.</param>
/// <param name="Color">Of the upper edge, as CSS.</param>
/// <param name="Title">The heading.</param>
/// <param name="Paragraphs">Before the rows.</param>
/// <param name="Rows">Label and value.</param>
/// <param name="Link">After the rows: words and address.</param>
/// <param name="Note">After the link.</param>
/// <param name="Footer">The last line.</param>
/// <param name="Unsubscribe">After it: words and address.</param>
internal sealed record Content(
    string Language,
    string Color,
    string Title,
    IReadOnlyList<string> Paragraphs,
    IReadOnlyList<(string Label, string Value)> Rows,
    (string Words, string Url)? Link,
    string Note,
    string Footer,
    (string Words, string Url)? Unsubscribe);

/// <summary>The two forms of a mail, from the same content. Values are untrusted: each is one line, and encoded in HTML.</summary>
internal static class Layout
{
    /// <summary>Plain text.</summary>
    internal static string Text(Content content)
    {
        var text = new StringBuilder(Line(content.Title)).Append("\n\n");
        foreach (string paragraph in content.Paragraphs)
        {
            text.Append(Line(paragraph)).Append("\n\n");
        }
        foreach ((string label, string value) in content.Rows)
        {
            text.Append(label).Append(": ").Append(Line(value)).Append('\n');
        }
        if (content.Link is { } link)
        {
            text.Append('\n').Append(link.Words).Append(": ").Append(link.Url).Append('\n');
        }
        text.Append('\n').Append(content.Note).Append("\n\n-- \n").Append(content.Footer).Append('\n');
        if (content.Unsubscribe is { } unsubscribe)
        {
            text.Append(unsubscribe.Words).Append(": ").Append(unsubscribe.Url).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>HTML with tables and inline styles, which is what mail programs agree on.</summary>
    internal static string Html(Content content)
    {
        string paragraphs = string.Concat(content.Paragraphs.Select(p => $"""<p style="margin:0 0 12px">{Encode(p)}</p>""" + "\n"));
        string rows = string.Concat(content.Rows.Select(row => $"""
            <tr>
            <td valign="top" style="padding:6px 16px 6px 0;color:#5f6b7a;white-space:nowrap">{Encode(row.Label)}</td>
            <td valign="top" style="padding:6px 0;word-break:break-word">{Encode(row.Value)}</td>
            </tr>

            """));
        string button = content.Link is not { } link ? "" : $"""
            <table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px">
            <tr><td bgcolor="#2a4bd7" style="border-radius:4px">
            <a href="{Encode(link.Url)}" style="display:inline-block;padding:11px 20px;font:bold 15px Arial,Helvetica,sans-serif;color:#ffffff;text-decoration:none">{Encode(link.Words)}</a>
            </td></tr>
            </table>

            """;
        string unsubscribe = content.Unsubscribe is not { } end ? "" : $"""<br><a href="{Encode(end.Url)}" style="color:#5f6b7a">{Encode(end.Words)}</a>""";
        // What lists of mails show beside the subject; nothing of it is seen in the mail itself.
        string preview = Encode(string.Join(" ", content.Paragraphs.Skip(content.Paragraphs.Count - 1)));
        return $"""
            <!DOCTYPE html>
            <html lang="{content.Language}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light">
            <title>{Encode(content.Title)}</title>
            </head>
            <body style="margin:0;padding:0;background:#f3f5f8">
            <div style="display:none;max-height:0;overflow:hidden">{preview}</div>
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f3f5f8">
            <tr><td align="center" style="padding:24px 12px">
            <table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="max-width:560px;width:100%;border-top:4px solid {content.Color}">
            <tr><td style="padding:24px;font:15px/1.5 Arial,Helvetica,sans-serif;color:#1d2733">
            <h1 style="margin:0 0 16px;font-size:21px;line-height:1.3">{Encode(content.Title)}</h1>
            {paragraphs}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:16px 0;font:15px/1.4 Arial,Helvetica,sans-serif;color:#1d2733">
            {rows}</table>
            {button}<p style="margin:0 0 16px">{Encode(content.Note)}</p>
            <p style="margin:0;font-size:12px;color:#5f6b7a">{Encode(content.Footer)}{unsubscribe}</p>
            </td></tr>
            </table>
            </td></tr>
            </table>
            </body>
            </html>

            """;
    }

    /// <summary>
    /// <paramref name="text"/> on one line: breaks and control characters would forge lines and headers, and characters that turn
    /// the writing direction would make a name read as something else. They become spaces.
    /// </summary>
    internal static string Line(string? text)
    {
        var line = new StringBuilder();
        foreach (char c in text ?? "")
        {
            char kept = char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') ? ' ' : c;
            if (kept != ' ' || (line.Length > 0 && line[^1] != ' '))
            {
                line.Append(kept);
            }
        }
        return line.ToString().TrimEnd();
    }

    // Letters stay as they are: the part is UTF-8, and a mail's source should be readable.
    private static string Encode(string text) => Line(text)
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal);
}
