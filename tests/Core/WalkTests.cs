using System.Globalization;
using Onramp.Core.Tests.Support;
using Onramp.Core.Tests.Walk;
using Xunit.Abstractions;

namespace Onramp.Core.Tests;

/// <summary>Many services, changed at random while things go wrong, are at the end what their changes' outcomes say. The long form is in <c>bench</c>.</summary>
public sealed class WalkTests(ITestOutputHelper log)
{
    [Fact]
    public async Task Twenty_services_changed_at_random_under_faults_leave_nothing_orphaned_and_nothing_doubled()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ONRAMP_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        log.WriteLine($"seed {seed} (set ONRAMP_SEED to repeat)");
        await using var world = await World.StartAsync(ServiceWalk.Settings);

        var result = await ServiceWalk.RunAsync(world, new WalkOptions { Seed = seed });

        log.WriteLine($"{result}");
        result.Wrong.ShouldBeEmpty($"seed {seed}");
        result.Total.ShouldBeGreaterThan(0);
    }
}
