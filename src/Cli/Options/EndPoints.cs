using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace Onramp.Cli.Options;

/// <summary>Options that are addresses to listen on: <c>HOST:PORT</c>, with a literal address or <c>localhost</c>, port 0 for a free one.</summary>
internal static class EndPoints
{
    public static readonly IPEndPoint FreeLoopback = new(IPAddress.Loopback, 0);

    public static Option<IPEndPoint> Option(string name, string description, IPEndPoint defaultValue) => new(name)
    {
        // Help shows the default itself.
        Description = defaultValue.Port == 0 ? $"{description}; port 0 takes a free one" : description,
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = Parse,
    };

    public static Option<IPEndPoint?> Optional(string name, string description) => new(name)
    {
        Description = $"{description}; port 0 takes a free one",
        HelpName = "HOST:PORT",
        CustomParser = Parse,
    };

    public static bool TryParse(string text, out IPEndPoint endPoint)
    {
        endPoint = FreeLoopback;
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (colon < 0 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
            return false;
        IPAddress? address;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            address = IPAddress.Loopback;
        else if (host == "*")
            address = IPAddress.Any;
        else if (host.Contains(':') && !host.StartsWith('[') || !IPAddress.TryParse(host, out address))
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    private static IPEndPoint? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (TryParse(text, out var endPoint))
            return endPoint;
        result.AddError($"'{text}' is not an address to listen on: write HOST:PORT, such as 127.0.0.1:7233 (port 0 takes a free one).");
        return null;
    }
}
