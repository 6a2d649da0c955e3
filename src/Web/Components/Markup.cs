using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Components;

namespace BookSaga.Web.Components;

/// <summary>
/// HTML by interpolation, for long lists on pages that are asked for often: <c>html.Add($"&lt;b&gt;{name}&lt;/b&gt;")</c>. What the program says is markup, what is filled in
/// is text and encoded. A component for each item costs more (docs/performance.md).
/// </summary>
internal sealed class Markup(HtmlEncoder encoder)
{
    private readonly StringBuilder _html = new();

    /// <summary>Takes what was added, for a page. An item at a time, not the list: a text of all of it would be a large object, which costs the collector most.</summary>
    internal MarkupString Take()
    {
        var html = new MarkupString(_html.ToString());
        _html.Clear();
        return html;
    }

    /// <summary>Adds a piece, which has written itself by now.</summary>
    internal Markup Add([InterpolatedStringHandlerArgument("")] ref Piece piece) => this;

    /// <summary>Writes literals as they are and values encoded.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Piece(int literalLength, int formattedCount, Markup markup)
    {
        private readonly StringBuilder _html = markup._html;
        private readonly HtmlEncoder _encoder = markup.Encoder(literalLength + formattedCount);

        public void AppendLiteral(string literal) => _html.Append(literal);

        public void AppendFormatted(string? text) => _html.Append(text is null ? null : _encoder.Encode(text));

        public void AppendFormatted(long number) => _html.Append(CultureInfo.InvariantCulture, $"{number}");
    }

    private HtmlEncoder Encoder(int length)
    {
        _html.EnsureCapacity(_html.Length + length);
        return encoder;
    }
}
