using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;

namespace Onramp.EmbeddedServer.Frontend.Validation;

/// <summary>
/// Callbacks to be called when a workflow closes. As a server without allowed addresses does, every http address is refused;
/// the server's own Nexus endpoint is accepted.
/// </summary>
internal static class CallbackRules
{
    private const string SystemUrl = "temporal://system";
    private const string InternalUrl = "temporal://internal";

    public static void Check(RepeatedField<Callback> callbacks)
    {
        if (callbacks.Count > Limits.CallbacksPerExecution)
        {
            throw Refusals.InvalidArgument($"cannot attach more than {Limits.CallbacksPerExecution} callbacks to an execution");
        }

        foreach (var callback in callbacks)
        {
            switch (callback.VariantCase)
            {
                case Callback.VariantOneofCase.Nexus:
                    Check(callback.Nexus);
                    break;
                case Callback.VariantOneofCase.Internal:
                    throw Refusals.InvalidArgument("unsupported callback variant: *common.Callback_Internal_");
                default:
                    throw Refusals.Unimplemented("unknown callback variant: <nil>");
            }
        }
    }

    private static void Check(Callback.Types.Nexus callback)
    {
        var url = callback.Url;
        if (url.Length == 0)
        {
            throw Refusals.InvalidArgument(string.Empty);
        }

        if (url.Length > Limits.CallbackUrlBytes)
        {
            throw Refusals.InvalidArgument($"invalid url: url length longer than max length allowed of {Limits.CallbackUrlBytes}");
        }

        CheckAddress(url);
        if (callback.Header.Sum(header => header.Key.Length + header.Value.Length) > Limits.CallbackHeaderBytes)
        {
            throw Refusals.InvalidArgument($"invalid header: header size longer than max allowed size of {Limits.CallbackHeaderBytes}");
        }

        LowerHeaderNames(callback.Header);
    }

    private static void CheckAddress(string url)
    {
        if (string.Equals(url, SystemUrl, StringComparison.Ordinal))
        {
            return;
        }

        if (string.Equals(url, InternalUrl, StringComparison.Ordinal))
        {
            throw Refusals.InvalidArgument("missing internal callback token");
        }

        var isHttp = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttp)
        {
            throw Refusals.InvalidArgument($"invalid url: unknown scheme: {url.Replace(" ", "%20", StringComparison.Ordinal)}");
        }

        throw url.EndsWith("://", StringComparison.Ordinal)
            ? Refusals.InvalidArgument("invalid url: missing host")
            : Refusals.InvalidArgument($"invalid url: url does not match any configured callback address: {url}");
    }

    private static void LowerHeaderNames(MapField<string, string> header)
    {
        foreach (var name in header.Keys.Where(name => name.Any(char.IsUpper)).ToList())
        {
            var value = header[name];
            header.Remove(name);
            header[name.ToLowerInvariant()] = value;
        }
    }
}
