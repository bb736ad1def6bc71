using Onramp.EmbeddedServer.History;
using Onramp.EmbeddedServer.Tests.History.Support;

namespace Onramp.EmbeddedServer.Tests.History;

/// <summary>The ids that the engine makes up.</summary>
public sealed class IdSourceTests
{
    private readonly ManualClock clock = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    [Fact]
    public void A_run_id_is_a_UUID_of_version_7_and_begins_with_its_time()
    {
        var id = Guid.Parse(new RandomIdSource(clock, seed: 1).NewRunId());

        (id.Version, id.Variant >> 2).ShouldBe((7, 2));
        Convert.ToInt64(id.ToString("n")[..12], 16).ShouldBe(clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Run_ids_of_the_same_moment_differ()
    {
        var ids = new RandomIdSource(clock);

        Enumerable.Range(0, 1000).Select(_ => ids.NewRunId()).Distinct().Count().ShouldBe(1000);
    }

    [Fact]
    public void Other_ids_are_UUIDs_of_version_4() => Guid.Parse(new RandomIdSource(clock, seed: 1).NewId()).Version.ShouldBe(4);
}
