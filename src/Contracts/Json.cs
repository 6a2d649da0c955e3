using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace BookSaga.Contracts;

/// <summary>The one JSON dialect: snake_case names, UTC times ending in <c>Z</c>, non-Latin letters as they are.</summary>
public static partial class Json
{
    /// <summary>The options for everything that crosses a process.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Puts the dialect into <paramref name="options"/> and returns them.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        options.Converters.Add(new UtcConverter());
        options.Converters.Add(new ExactConverter());
        return options;
    }

    /// <summary><paramref name="value"/> as JSON text.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>The value in <paramref name="json"/>.</summary>
    /// <exception cref="JsonException">The text is not a <typeparamref name="T"/>.</exception>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("null where a value is due");

    /// <summary>Reads an RFC 3339 time; one without an offset is refused, because nobody knows what it means.</summary>
    public static bool TryParseTime(string? text, out DateTimeOffset time)
    {
        time = default;
        // A plus sign in a query string that was not escaped arrives as a space.
        string? value = text?.Replace(' ', '+');
        return value is not null && Rfc3339().IsMatch(value)
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time);
    }

    // DateTimeOffset.Parse alone takes many another notation, some of them with a guess.
    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Rfc3339();

    // A decimal has 28 digits; more of them would be rounded, and an amount with too many decimals taken for another.
    private sealed class ExactConverter : JsonConverter<decimal>
    {
        private const int MaxLength = 28;

        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number && (reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length) <= MaxLength && reader.TryGetDecimal(out decimal value)
                ? value
                : throw new JsonException("not a number, or one of too many digits");

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        private const int Shortest = 20; // 2026-01-31T09:00:00Z

        // As we write it, it is read without making a text of it first.
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            (reader is { TokenType: JsonTokenType.String, HasValueSequence: false, ValueSpan: { Length: >= Shortest } value } && value[^1] == (byte)'Z' && reader.TryGetDateTimeOffset(out DateTimeOffset time))
            || TryParseTime(reader.GetString(), out time) ? time : throw new JsonException("not an RFC 3339 time");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime);
    }
}
