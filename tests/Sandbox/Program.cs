using System.Runtime.InteropServices;

namespace Onramp.Sandbox.Tests;

/// <summary>The test assembly run by itself is a sandbox on a file, to be killed.</summary>
internal static class Program
{
    public static async Task Main(string[] arguments)
    {
        if (arguments is not ["sandbox", var file])
        {
            return;
        }

        await using var sandbox = await SandboxHost.StartAsync(new SandboxOptions { DataFile = file });
        Console.WriteLine(sandbox.GitHub);
        await Console.Out.FlushAsync();
        var ended = new TaskCompletionSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => ended.TrySetResult());
        await ended.Task;
    }
}
