using BookSaga.Launcher.Postgres;

namespace BookSaga.Launcher.Tests;

public sealed class PostgresUrlTests
{
    [Fact]
    public void Another_database_of_the_same_server_keeps_user_password_and_settings()
    {
        var server = new PostgresUrl("postgres://ad%40min:p%2Fw%3A1@db.example:6432/ignored?sslmode=require");

        server.For("company").ToString().ShouldBe("postgres://ad%40min:p%2Fw%3A1@db.example:6432/company?sslmode=require");
    }

    [Fact]
    public void Npgsql_gets_the_unescaped_parts()
    {
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(new PostgresUrl("postgresql://ad%40min:p%2Fw%3A1@db.example/?sslmode=require").ConnectionString());

        settings.Username.ShouldBe("ad@min");
        settings.Password.ShouldBe("p/w:1");
        settings.Port.ShouldBe(5432);
        settings.Database.ShouldBe("postgres");
        settings.SslMode.ShouldBe(Npgsql.SslMode.Require);
    }

    [Theory]
    [InlineData("db.example:5432")]
    [InlineData("mysql://root@db.example/company")]
    [InlineData("Host=db.example")]
    public void Anything_else_is_refused_in_one_sentence_that_shows_the_form(string url) =>
        Should.Throw<Failure>(() => new PostgresUrl(url)).Message.ShouldContain("postgres://user:password@host:5432/database");

    [Fact]
    public void A_message_never_shows_the_password() =>
        new PostgresUrl("postgres://u:secret@db.example/company").Shown.ShouldBe("db.example:5432/company");
}
