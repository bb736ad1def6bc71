namespace Onramp.Workflows.Services;

/// <summary>Somebody with a name: who asks, decides, calls off, retries or skips.</summary>
/// <param name="Name">Login.</param>
/// <param name="Via">How the name is known: <c>token</c>, <c>loopback</c>, <c>temporal</c> or <c>onramp</c>.</param>
/// <param name="Groups">Groups that the starter knows them to be in.</param>
public sealed record Principal(string Name, string Via = Principal.Token, IReadOnlyList<string>? Groups = null)
{
    public const string Token = "token";
    public const string Loopback = "loopback";

    /// <summary>Temporal's own cancel and terminate carry no name.</summary>
    public static readonly Principal AtTemporal = new("somebody at Temporal", "temporal");

    /// <summary>What Onramp does by itself, because of an earlier request.</summary>
    public static readonly Principal Onramp = new("onramp", "onramp");
}
