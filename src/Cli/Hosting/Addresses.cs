namespace Onramp.Cli.Hosting;

/// <summary>Says where each part can be found.</summary>
internal static class Addresses
{
    public static void Print(TextWriter output, OnrampStack stack)
    {
        foreach (var (name, address) in Of(stack))
            output.WriteLine($"  {name,-10} {address}");
    }

    public static IEnumerable<(string Name, string Address)> Of(OnrampStack stack)
    {
        yield return ("api", $"{stack.Api}api/v1/services");
        yield return ("temporal", stack.TemporalAddress + (stack.IsEmbedded ? " (embedded)" : ""));
        if (stack.Ui is { } ui)
            yield return ("web ui", ui.ToString());
        yield return ("worker", $"{stack.WorkerHealth}metrics");
        if (stack.Sandbox is { } sandbox)
            yield return ("sandbox", $"{sandbox.Control}state");
    }
}
