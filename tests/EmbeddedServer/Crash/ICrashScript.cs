namespace Onramp.EmbeddedServer.Tests.Crash;

/// <summary>What clients and workers do while their server is killed again and again, and what must be true afterwards.</summary>
internal interface ICrashScript
{
    Task RunAsync(CancellationToken cancellationToken);

    Task CheckAsync(CancellationToken cancellationToken);
}
