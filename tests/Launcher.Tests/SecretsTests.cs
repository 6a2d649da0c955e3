namespace BookSaga.Launcher.Tests;

public sealed class SecretsTests
{
    [Fact]
    public void A_secret_is_the_same_in_the_next_run_and_unlike_any_other()
    {
        using var folder = new TemporaryFolder();
        string first = new Secrets(folder.File("secrets.json"))["api-client"];

        var again = new Secrets(folder.File("secrets.json"));

        again["api-client"].ShouldBe(first);
        again["web-client"].ShouldNotBe(first);
    }

    [Fact]
    public void Only_the_owner_reads_the_file()
    {
        using var folder = new TemporaryFolder();

        _ = new Secrets(folder.File("secrets.json"))["postgres"];

        File.GetUnixFileMode(folder.File("secrets.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_damaged_file_is_told_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("secrets.json"), "{\"postgres\": ");

        Should.Throw<Failure>(() => new Secrets(folder.File("secrets.json"))).Message.ShouldContain("damaged");
        File.ReadAllText(folder.File("secrets.json")).ShouldBe("{\"postgres\": ");
    }
}
