using BookSaga.Web.Tests;

[assembly: AssemblyFixture(typeof(Site))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
