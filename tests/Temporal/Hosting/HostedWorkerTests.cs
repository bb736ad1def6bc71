using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;
using Onramp.Temporal.Tests.Activities;

namespace Onramp.Temporal.Tests.Hosting;

public class HostedWorkerTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task A_host_runs_workers_with_activities_of_its_services()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<Log>().AddScoped<Scoped>();
        builder.Services.AddTemporalClient(server.Address);
        builder.Services.AddHostedTemporalWorker("hosted")
            .AddWorkflow<CallActivityWorkflow>()
            .AddScopedActivities<ScopedActivities>()
            .AddSingletonActivities<SingletonActivities>()
            .AddStaticActivities<StaticActivities>();
        builder.Services.AddHostedTemporalWorker(server.Address, "default", "hosted-too").AddWorkflow<CallActivityWorkflow>().AddTransientActivities<TransientActivities>();
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<ITemporalClient>();

        (await CallAsync(client, "hosted", "First")).ShouldBe("1");
        (await CallAsync(client, "hosted", "First")).ShouldBe("2");
        (await CallAsync(client, "hosted", "Count")).ShouldBe("1");
        (await CallAsync(client, "hosted", "Count")).ShouldBe("2");
        (await CallAsync(client, "hosted", "Fixed")).ShouldBe("fixed");
        (await CallAsync(client, "hosted-too", "Count")).ShouldBe("1");
        (await CallAsync(client, "hosted-too", "Count")).ShouldBe("1", "a transient service is new for each attempt");
        await host.StopAsync();

        host.Services.GetRequiredService<Log>().Disposed.ShouldBe(2, "each attempt has a scope of its own, which ends with it");
    }

    private static Task<string?> CallAsync(ITemporalClient client, string taskQueue, string activity) =>
        client.ExecuteWorkflowAsync((CallActivityWorkflow w) => w.RunAsync(new(activity, Array.Empty<object?>())), LocalServer.Start(taskQueue));

    public sealed class Log
    {
        private int made;
        private int disposed;

        public int Disposed => disposed;

        public int Made() => Interlocked.Increment(ref made);

        public void Dispose() => Interlocked.Increment(ref disposed);
    }

    public sealed class Scoped(Log log) : IDisposable
    {
        public int Number { get; } = log.Made();

        public void Dispose() => log.Dispose();
    }

    public sealed class ScopedActivities(Scoped scoped)
    {
        [Activity]
        public async Task<string> FirstAsync()
        {
            await Task.Yield();
            return $"{scoped.Number}";
        }
    }

    public sealed class SingletonActivities
    {
        private int count;

        [Activity]
        public string Count() => $"{++count}";
    }

    public sealed class TransientActivities
    {
        private int count;

        [Activity]
        public string Count() => $"{++count}";
    }

    public sealed class StaticActivities
    {
        [Activity]
        public static string Fixed() => "fixed";
    }
}
