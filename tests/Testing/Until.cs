using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BookSaga.Testing;

/// <summary>Waiting for what other threads and processes do. Only a test that fails waits to the end.</summary>
public static class Until
{
    /// <summary>As long as anything may take on a very busy machine.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Patience"/>.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        for (var waited = Stopwatch.StartNew(); !await condition(); await Task.Delay(25))
        {
            if (waited.Elapsed > Patience)
            {
                throw new TimeoutException($"not within {Patience.TotalSeconds} s: {what}");
            }
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string)"/>
    public static Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>Waits for what a test has made ready to be told.</summary>
    /// <exception cref="TimeoutException">It did not end within <see cref="Patience"/>.</exception>
    public static Task InTimeAsync(this Task task) => task.WaitAsync(Patience);

    /// <inheritdoc cref="InTimeAsync(Task)"/>
    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Patience);
}
