using BookSaga.Web.Tests;

[assembly: AssemblyFixture(typeof(Site))]
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
