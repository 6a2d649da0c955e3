using System.Diagnostics;
using System.Text.RegularExpressions;
using BookSaga.Chart.Tests.Templates;

namespace BookSaga.Chart.Tests;

/// <summary>What the documentation tells people to type is taken: by tools/k8s.sh, and then by the chart.</summary>
public sealed partial class CommandTests : IDisposable
{
    private static readonly string s_operations = Repository.Read("docs", "operations.md");

    // A cluster that has what the environment names; another type of resource is not known to it.
    private const string Kubectl = """
        echo "kubectl $*" >>"$CALLS"
        case "$*" in
            *" get deployment keycloak"*) [ -n "$KEYCLOAK" ] ;;
            *" exec "*) cat >/dev/null; [ -n "$KEYCLOAK" ] ;;
            *" get secret "*) printf cGFzc3dvcmQ= ;;
            *" get "*httproute*) [ -n "$ROUTE" ] && printf %s "$ROUTE" ;;
            *" get "*ingress*) [ -n "$INGRESS" ] && printf %s "$INGRESS" ;;
        esac
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("booksaga-k8s").FullName;

    /// <summary>Each <c>SET=</c> of docs/operations.md.</summary>
    public static TheoryData<string> Documented => [.. SetPattern().Matches(s_operations).Select(m => m.Groups["pairs"].Value)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // `helm --set` makes numbers and booleans of what looks like them, as YAML does.
    [Theory]
    [MemberData(nameof(Documented))]
    public void Documented_values_are_taken_as_helm_reads_them(string pairs)
    {
        string[] overlays = [Switches.Production, .. pairs.Split(' ').Select(Overlay)];

        Schemas.Errors(Schemas.Values, ChartRenderer.Values(overlays)).ShouldBeEmpty();
        Manifest.All(overlays).ShouldNotBeEmpty();
    }

    [Fact]
    public void The_documentation_has_such_values() => Documented.Count.ShouldBeGreaterThan(1);

    [Fact]
    public void A_tag_of_digits_alone_stays_a_text() =>
        Run("up", ("TAG", "20261126"), ("SET", "secrets.generation=2")).Calls
            .ShouldContain(call => call.Contains("--set secrets.generation=2 --set-string image.tag=20261126", StringComparison.Ordinal));

    // A cluster without the Gateway API does not know what an HTTPRoute is; one with it may have no Ingress.
    [Theory]
    [InlineData("INGRESS", "booksaga.local")]
    [InlineData("ROUTE", "booking.example")]
    public void The_test_finds_the_platform_by_either_entry_and_makes_an_operator(string entry, string host)
    {
        (int code, string[] calls) = Run("test", (entry, host), ("KEYCLOAK", "1"));

        code.ShouldBe(0);
        calls.ShouldContain(call => call.Contains("exec --stdin deploy/keycloak", StringComparison.Ordinal));
        calls[^1].ShouldMatch($"^newman http://{host} [A-Za-z0-9]{{20,}}$");
    }

    [Fact]
    public void Without_Keycloak_the_test_takes_the_password_that_it_is_given()
    {
        (int code, string[] calls) = Run("test", ("INGRESS", "booksaga.local"), ("BOOKSAGA_OPERATOR_PASSWORD", "of the settings"));

        code.ShouldBe(0);
        calls.ShouldNotContain(call => call.Contains("exec", StringComparison.Ordinal));
        calls[^1].ShouldBe("newman http://booksaga.local of the settings");
        Run("test", ("INGRESS", "booksaga.local")).Code.ShouldNotBe(0);
    }

    // a.b=c is { a: { b: c } }.
    private static string Overlay(string pair)
    {
        string[] sides = pair.Split('=');
        return sides[0].Split('.').Reverse().Aggregate(sides[1], (inner, key) => $"{{ {key}: {inner} }}");
    }

    // A copy of the script, with a helm and a kubectl before all others in the PATH that write down how they are called.
    private (int Code, string[] Calls) Run(string command, params (string Name, string Value)[] environment)
    {
        Script("bin/helm", "echo \"helm $*\" >>\"$CALLS\"");
        Script("bin/kubectl", Kubectl);
        Script("tests/newman.sh", "echo \"newman $BOOKSAGA_URL $BOOKSAGA_OPERATOR_PASSWORD\" >>\"$CALLS\"");
        Script("tools/k8s.sh", Repository.Read("tools", "k8s.sh"));
        Directory.CreateDirectory(Path.Combine(_folder, "deploy", "chart", "charts"));
        string calls = Path.Combine(_folder, "calls");
        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(_folder, "tools", "k8s.sh"), command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{start.Environment["PATH"]}";
        start.Environment["CALLS"] = calls;
        foreach (string name in (string[])["NAMESPACE", "VALUES", "SET", "REGISTRY", "TAG", "SCHEME", "BOOKSAGA_URL", "BOOKSAGA_OPERATOR_PASSWORD"])
        {
            start.Environment.Remove(name);
        }
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, File.Exists(calls) ? File.ReadAllLines(calls) : []);
    }

    private void Script(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text.StartsWith("#!", StringComparison.Ordinal) ? text : $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex("""SET=(?:"(?<pairs>[^"]+)"|(?<pairs>[^\s"`]+))""")]
    private static partial Regex SetPattern();
}
