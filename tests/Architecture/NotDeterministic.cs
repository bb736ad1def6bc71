using System.Diagnostics;
using System.Security.Cryptography;
using Temporalio.Workflows;

namespace Onramp.Architecture.Tests.Fixtures;

/// <summary>Each of these would not do on replay what it did at first.</summary>
public static class NotDeterministic
{
    public sealed class AsksTheClock
    {
        public DateTime Now => DateTime.UtcNow;
    }

    public sealed class AsksTheLocalClock
    {
        public DateTimeOffset Now => DateTimeOffset.Now;
    }

    public sealed class AsksTheSystemsTime
    {
        public TimeProvider Time { get; } = TimeProvider.System;
    }

    public sealed class MakesAnId
    {
        public async Task<Guid> MakeAsync()
        {
            await Task.Yield();
            return Guid.NewGuid();
        }
    }

    public sealed class PassesIdsOn
    {
        public Func<Guid> Source => Guid.NewGuid;
    }

    public sealed class TossesACoin
    {
        public IEnumerable<int> Tosses()
        {
            while (true)
                yield return Random.Shared.Next(2);
        }
    }

    public sealed class SeedsByItself
    {
        public int Toss() => new Random().Next(2);
    }

    public sealed class RollsSecureDice
    {
        public int Roll() => RandomNumberGenerator.GetInt32(6);
    }

    public sealed class Sleeps
    {
        public Func<Task> Nap => async () => await Task.Delay(1);
    }

    public sealed class LeavesTheScheduler
    {
        public Task WorkAsync() => Task.Run(() => { });
    }

    public sealed class LeavesTheContext
    {
        public async Task WorkAsync() => await Task.CompletedTask.ConfigureAwait(false);
    }

    public sealed class WaitsForTheFirst
    {
        public Task<Task<int>> FirstAsync(Task<int> one, Task<int> other) => Task.WhenAny(one, other);
    }

    public sealed class BlocksOnResults
    {
        public void Block(Task<int> task) => task.Wait();
    }

    public sealed class StartsAThread
    {
        public void Start() => new Thread(() => { }).Start();
    }

    public sealed class LocksThreads
    {
        private readonly SemaphoreSlim gate = new(1);

        public Task EnterAsync() => gate.WaitAsync();
    }

    public sealed class GivesUpInTime
    {
        public CancellationToken Limit()
        {
            using var source = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            return source.Token;
        }
    }

    public sealed class MeasuresTime
    {
        public long Measure() => Stopwatch.GetTimestamp();
    }

    public sealed class ReadsTheEnvironment
    {
        public string? Home => Environment.GetEnvironmentVariable("HOME");
    }

    public sealed class ReadsAFile
    {
        public Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path);
    }

    public sealed class CallsTheWorld
    {
        public Task<string> GetAsync(HttpClient client) => client.GetStringAsync(new Uri("http://example.com"));
    }
}

/// <summary>The same things as workflow code may do them.</summary>
public sealed class IsDeterministic
{
    public async Task<string> RunAsync(Task<int> one, Task<int> other)
    {
        var random = new Random(5);
        var now = Workflow.UtcNow;
        using var source = new CancellationTokenSource();
        await Workflow.DelayAsync(TimeSpan.FromSeconds(random.Next(5)), source.Token);
        await Workflow.WhenAnyAsync(one, other);
        await Task.WhenAll(one, other);
        return $"{Workflow.NewGuid()} {now:O} {new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc):O}";
    }
}
