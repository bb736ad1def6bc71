using System.Text.Json.Nodes;
using Onramp.Core.Tests.Support;

namespace Onramp.Core.Tests.Walk;

/// <summary>What goes wrong at random: refusals that pass, answers that get lost, slow calls, and now and then a refusal for good.</summary>
internal sealed class WalkFaults(World world, WalkOptions options, Random random)
{
    private static readonly int[] Passing = [429, 500, 502, 503];

    public int Count { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.FaultEvery * (2 * random.NextDouble()), stop);
                await world.AddFaultAsync(Next());
                Count++;
            }
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
    }

    private JsonObject Next()
    {
        var fault = new JsonObject { ["system"] = random.Next(2) == 0 ? "kubernetes" : "github", ["times"] = random.Next(1, 4), ["skip"] = random.Next(4) };
        switch (random.Next(10))
        {
            case < 4:
                (fault["action"], fault["status"]) = ("fail", Passing[random.Next(Passing.Length)]);
                break;
            case < 6:
                fault["action"] = "drop";
                break;
            case 6:
                fault["action"] = "dropBefore";
                break;
            case < 9:
                (fault["action"], fault["delayMilliseconds"]) = ("delay", random.Next(50, 500));
                break;
            default:
                // For good: an admission webhook says no to somebody's namespace.
                fault = new JsonObject
                {
                    ["system"] = "kubernetes", ["method"] = "POST", ["route"] = "/api/v1/namespaces", ["status"] = 403, ["times"] = 1,
                    ["body"] = new JsonObject { ["kind"] = "Status", ["message"] = "admission webhook \"walk\" denied the request: no", ["code"] = 403 },
                };
                break;
        }
        return fault;
    }
}
