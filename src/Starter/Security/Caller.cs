using Microsoft.AspNetCore.Http;

namespace Onramp.Starter.Security;

/// <summary>Who calls. Without tokens nobody is known: then callers on the loopback address say themselves who they are.</summary>
public sealed record Caller(string Name, IReadOnlyList<string> Groups, bool IsAuthenticated)
{
    public const string AnyGroup = "*";

    /// <summary>Who it is when tokens are off and the request does not say.</summary>
    public const string LocalName = "local";

    public static readonly Caller Local = new(LocalName, [AnyGroup], IsAuthenticated: false);

    public static Caller Of(HttpContext context) => context.Items[typeof(Caller)] as Caller ?? Local;

    internal void AttachTo(HttpContext context) => context.Items[typeof(Caller)] = this;
}
