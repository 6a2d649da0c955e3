using BenchmarkDotNet.Running;
using BookSaga.Micro;

BenchmarkSwitcher.FromTypes([typeof(TokenChecks), typeof(Coalescing), typeof(SnapshotJson), typeof(SagaSteps)]).Run(args.Length == 0 ? ["--filter", "*"] : args);
