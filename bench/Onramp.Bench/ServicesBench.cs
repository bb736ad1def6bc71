using Onramp.Core.Tests.Support;
using Onramp.Core.Tests.Walk;
using Onramp.EmbeddedServer.Storage.Sqlite;

namespace Onramp.Bench;

/// <summary>
/// The core under load: services with two environments each, changed at random while things go wrong at random, on the real parts. What exists at the end is
/// held against what the outcomes of the changes predict; whatever differs is printed, and the command fails.
/// </summary>
internal static class ServicesBench
{
    public static Verb Verb { get; } = new(
        "services", "services are changed at random under faults, then what exists is audited", RunAsync,
        Option.Number("services", 200, "how many, with two environments each"),
        Option.Number("seconds", 300, "how long they are changed"),
        Option.Seed,
        Option.Data);

    private static async Task<int> RunAsync(Arguments arguments)
    {
        using var place = new DataPlace(arguments);
        var options = new WalkOptions
        {
            Services = arguments.Number("services"),
            Duration = TimeSpan.FromSeconds(arguments.Number("seconds")),
            Seed = arguments.Seed(),
            FaultEvery = TimeSpan.FromMilliseconds(500),
            Patience = TimeSpan.FromMinutes(10),
        };
        Measured.PrintMachine(place.Describe(SynchronousMode.Full));
        Measured.Print($"  seed {options.Seed}; {options.Services} services, two environments each");
        await using var world = await World.StartAsync(server => server.DataFile = place.Path, ServiceWalk.Settings).ConfigureAwait(false);
        var result = await ServiceWalk.RunAsync(world, options).ConfigureAwait(false);
        Console.WriteLine(result);
        foreach (var wrong in result.Wrong)
            Console.WriteLine($"WRONG: {wrong}");
        Console.WriteLine(result.Wrong.Count == 0 ? "nothing orphaned, nothing doubled" : $"{result.Wrong.Count} things are not as predicted");
        return result.Wrong.Count == 0 ? 0 : 1;
    }
}
