namespace Onramp.Activities.Tests;

/// <summary>A clock on which time goes by so many times as fast.</summary>
internal sealed class HurriedTime(int speed) : TimeProvider
{
    private readonly DateTimeOffset began = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => began + ((System.GetUtcNow() - began) * speed);
}
