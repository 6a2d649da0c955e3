using System.Diagnostics;
using System.Runtime.Versioning;
using BookSaga.Launcher;
using BookSaga.Load;
using BookSaga.Load.Outage;
using Npgsql;

[assembly: UnsupportedOSPlatform("windows")]

string name = args.FirstOrDefault() ?? "full";
Plan? plan = Plan.Find(name);
OutagePlan? outage = OutagePlan.Find(name);
if (plan is null && outage is null)
{
    await Console.Error.WriteLineAsync("usage: BookSaga.Load [full|quick|outage|outage-short]");
    return 2;
}
// Everybody signs in from one address; guessing passwords is not what is measured.
Environment.SetEnvironmentVariable("RateLimit__LoginPerMinute", "1000000");
// As a relay takes them. What is written faster waits as stored events, and is counted.
Environment.SetEnvironmentVariable("Mail__MaxPerMinute", "600");
string folder = Directory.CreateTempSubdirectory("booksaga-load-").FullName;
try
{
    if (plan is null)
    {
        return await new OutageRun(outage!).RunAsync();
    }
    return await new ThrowAway { Durable = true, MailToFiles = true }.RunAsync(async (platform, stop) =>
    {
        var start = Stopwatch.StartNew();
        await platform.StartAsync(stop);
        platform.DeclareReady();
        // Written after each part, so that an hour is not lost to its last minute.
        Results results = await new Bench(plan, platform, folder, r => Report.WriteAsync(plan, r)).RunAsync(start.Elapsed.TotalSeconds, stop).WaitAsync(stop); // whose load is not waited for when a signal comes
        string report = await Report.WriteAsync(plan, results);
        Console.WriteLine(await File.ReadAllTextAsync(report, stop));
        Console.WriteLine($"written to {Path.GetRelativePath(Workspace.Root, report)}, .json and .svg");
        return 0;
    });
}
catch (Exception e) when (e is Failure or IOException or NpgsqlException)
{
    await Console.Error.WriteLineAsync(Failure.Sentence(e));
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
