using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;

namespace Onramp.Activities.Tests;

/// <summary>Texts and requests made of what has broken some system: drawn by a seed, which tests print.</summary>
internal sealed class HostileInput(int seed)
{
    private static readonly string[] Pieces =
    [
        "a", "z", "0", "9", "-", "--", "_", ".", " ", "true", "null", "no", "on", "y", "~", "1e3", "0x1f", "windows", "microsoft", "login", "kube", "cc",
        "é", "ß", "中", "😀", "\u2028", "\u2029", "\u0085", "\u00a0", "\ufeff", "\u200b", "\u202e", "\u0000", "\u0007", "\u001b", "\n", "\r\n", "\t",
        ":", ": ", " #", "- ", "? ", "|", ">", "&", "*", "!", "%", "@", "`", "'", "\"", "\\", "{", "}", "[", "]", ",", "<", "<!channel>", "<@U1>", "<https://x|y>", "&amp;",
        "**", "__", "](https://x)", "![", "${{ secrets.X }}", "$(id)", "../", "%2F", "=", "---\n", "...\n", "#", "\ud800",
    ];

    /// <summary>Draws of a field before it is left as it was.</summary>
    private const int Tries = 20;

    private readonly Random random = new(seed);

    /// <summary>A text of some pieces, short or long.</summary>
    public string Text(int most = 12) => string.Concat(Enumerable.Range(0, random.Next(0, most)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    /// <summary>A name that may be one: mostly of the characters that names have.</summary>
    public string Name()
    {
        string[] tame = ["a", "b", "x1", "orders", "true", "no", "windows", "login", "kube-", "-", "0", "9"];
        return random.Next(4) == 0 ? Text(4) : string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => tame[random.Next(tame.Length)]));
    }

    /// <summary>A request of which each field is the first draw that the validator lets through; the others are refused before anything starts.</summary>
    public ServiceRequest Request()
    {
        var request = SandboxRun.Orders with { Dependencies = [] };
        foreach (var draw in (Func<ServiceRequest, ServiceRequest>[])
        [
            r => r with { Name = Name() },
            r => r with { Team = Name() },
            r => r with { Description = Text() },
            r => r with { Requester = Text(6) },
            r => r with { CostCenter = Name() },
            r => r with { RequestId = Text(6) },
            r => r with { Dependencies = [Name()] },
            r => r with { Notifications = new NotificationRequest { Channel = "#" + Name(), Email = Name() + "@example.com" } },
        ])
        {
            for (var tries = 0; tries < Tries; tries++)
            {
                var result = ServiceRequestValidator.Validate(draw(request));
                if (!result.IsValid)
                    continue;
                request = result.Request;
                break;
            }
        }
        return request;
    }

    public static IEnumerable<(int Seed, ServiceRequest Request)> Requests(int count) => Enumerable.Range(0, count).Select(seed => (seed, new HostileInput(seed).Request()));
}
