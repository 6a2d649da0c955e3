using BookSaga.Contracts;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Hosting.Tests;

public sealed class WireTests
{
    [Theory]
    [InlineData("12.5", 1250)]
    [InlineData("0.01", 1)]
    [InlineData("10.00", 1000)]
    [InlineData("10.000", 1000)]
    [InlineData("1000000000", 100_000_000_000)]
    public void An_amount_with_at_most_two_decimals_is_exact_in_minor_units(string text, long minor)
    {
        Money.TryToMinor(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture), out long value).ShouldBeTrue();
        value.ShouldBe(minor);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.001")]
    [InlineData("12.345")]
    [InlineData("1000000000.01")]
    [InlineData("79228162514264337593543950335")]
    public void Anything_else_is_no_amount(string text) =>
        Money.TryToMinor(decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture), out _).ShouldBeFalse();

    [Theory]
    [InlineData("1.0000000000000000000000000000000000001")]
    [InlineData("1e400")]
    [InlineData("\"1\"")]
    public void A_number_that_would_be_rounded_or_is_none_is_refused(string json) =>
        Should.Throw<System.Text.Json.JsonException>(() => Json.Read<decimal>(json));

    [Fact]
    public void Money_is_written_without_trailing_zeros() =>
        new[] { 0L, 750, 1200, 1 }.Select(Money.ToMajor).Select(Json.Write).ShouldBe(["0", "7.5", "12", "0.01"]);

    [Theory]
    [InlineData("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z")]
    [InlineData("2026-03-29T03:30:00 02:00", "2026-03-29T01:30:00Z")]
    [InlineData("2026-03-28T15:00:00.123456-09:30", "2026-03-29T00:30:00.123456Z")]
    public void Times_of_any_offset_are_taken_and_written_in_utc_with_a_z(string text, string utc)
    {
        Json.TryParseTime(text, out DateTimeOffset time).ShouldBeTrue();
        Json.Write(time).ShouldBe($"\"{utc}\"");
        Json.Read<DateTimeOffset>($"\"{text}\"").ShouldBe(time);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2026-03-29")]
    [InlineData("2026-03-29T01:30:00")]
    [InlineData("29.03.2026 01:30:00+02:00")]
    [InlineData("2026-02-30T01:30:00Z")]
    [InlineData("1790000000")]
    [InlineData("2026-03-29T01:30:00,5Z")]
    [InlineData("2026-03-29T01:30Z")]
    [InlineData("2026-03-29T01:30:60Z")]
    [InlineData("2026-03-29T01:30:00+15:00")]
    [InlineData("2026-03-29T01:30:00Z\n")]
    public void A_time_without_an_offset_or_of_no_such_day_is_refused(string? text)
    {
        Json.TryParseTime(text, out _).ShouldBeFalse();
        Should.Throw<System.Text.Json.JsonException>(() => Json.Read<DateTimeOffset>(text is null ? "null" : $"\"{text}\""));
    }

    [Fact]
    public void A_database_is_named_by_url_or_by_connection_string()
    {
        var url = new NpgsqlConnectionStringBuilder(Database.ConnectionString("postgres://us%40er:p%3Aw@db.example:6543/book?sslmode=Require"));
        (url.Host, url.Port, url.Database, url.Username, url.Password, url.SslMode).ShouldBe(("db.example", 6543, "book", "us@er", "p:w", SslMode.Require));
        new NpgsqlConnectionStringBuilder(Database.ConnectionString("postgresql://u@h/d")).Port.ShouldBe(5432);
        new NpgsqlConnectionStringBuilder(Database.ConnectionString("Host=h;Database=d;Maximum Pool Size=3")).MaxPoolSize.ShouldBe(3);
        new NpgsqlConnectionStringBuilder(Database.ConnectionString("postgres://u@h/d?Timeout=9")).Timeout.ShouldBe(9);
    }

    [Fact]
    public void A_service_takes_few_connections_and_waits_for_one_shortly_unless_the_setting_says_otherwise()
    {
        var settings = new NpgsqlConnectionStringBuilder(Database.ConnectionString("postgres://u@h/d"));
        (settings.MaxPoolSize, settings.Timeout).ShouldBe((12, 5));
    }
}
