using Temporalio.Common;

namespace Temporalio.Tests.Common;

public class DeterministicRandomTests
{
    [Fact]
    public void The_same_seed_draws_the_same()
    {
        Draw(new DeterministicRandom(42)).ShouldBe(Draw(new DeterministicRandom(42)));
        Draw(new DeterministicRandom(42)).ShouldNotBe(Draw(new DeterministicRandom(43)));

        static object[] Draw(DeterministicRandom random)
        {
            var bytes = new byte[11];
            random.NextBytes(bytes);
            return [random.Next(), random.Next(10), random.Next(-5, 5), random.NextDouble(), Convert.ToHexString(bytes)];
        }
    }

    [Fact]
    public void Draws_stay_within_range_and_reach_all_of_it()
    {
        var random = new DeterministicRandom(1);

        var drawn = Enumerable.Range(0, 1000).Select(_ => random.Next(-2, 3)).ToHashSet();

        drawn.Order().ShouldBe([-2, -1, 0, 1, 2]);
        random.Next(int.MinValue, int.MaxValue).ShouldBeLessThan(int.MaxValue);
        random.Next(5, 5).ShouldBe(5);
    }
}
