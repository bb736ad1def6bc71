using System.Text.Json.Nodes;
using Onramp.Activities.Kubernetes;
using Onramp.Sandbox;
using Onramp.Workflows.Contracts;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Onramp.Activities.Tests;

/// <summary>The official client's exceptions carry the request with its token; nothing of that gets into a failure, however a call fails.</summary>
public sealed class ClusterSecrecyTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const string Token = "kubernetes-token-that-nobody-may-see";

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var call in Calls.Keys)
            {
                foreach (var fault in Faults.Keys)
                    cases.Add(call, fault);
            }
            return cases;
        }
    }

    private static IReadOnlyDictionary<string, Func<Cluster, StepInput, Task>> Calls { get; } = new Dictionary<string, Func<Cluster, StepInput, Task>>
    {
        ["read"] = (c, i) => c.FindAsync(Kinds.Namespace, new ObjectRef(null, "orders-dev"), default),
        ["create"] = (c, i) => c.TryCreateAsync(NamespaceObjects.Namespace(i), default),
        ["apply"] = (c, i) => c.ApplyAsync(Kinds.LimitRange, NamespaceObjects.Limits(i), default),
        ["apply custom"] = (c, i) => c.ApplyAsync(Kinds.ServiceMonitor, NamespaceObjects.ServiceMonitor(i), default),
        ["replace"] = (c, i) => c.ReplaceAsync(NamespaceObjects.TeamBinding(i), default),
        ["list"] = (c, i) => c.ListNetworkPoliciesAsync("orders-dev", default),
        ["delete"] = (c, i) => c.DeleteMarkedAsync(Kinds.Namespace, new ObjectRef(null, "orders-dev"), "", default),
    };

    /// <summary>Answers that quote what came in, as a proxy in front of a cluster may.</summary>
    private static IReadOnlyDictionary<string, Func<JsonObject>> Faults { get; } = new Dictionary<string, Func<JsonObject>>
    {
        ["refused"] = () => Quoting(403),
        ["not logged in"] = () => Quoting(401),
        ["throttled"] = () => Quoting(429),
        ["broken"] = () => Quoting(500),
        ["no API"] = () => new JsonObject { ["status"] = 200, ["body"] = $"<html>Authorization: Bearer {Token}</html>" },
        ["dropped"] = () => new JsonObject { ["action"] = "drop" },
        ["elsewhere"] = () => new JsonObject { ["status"] = 307, ["headers"] = new JsonObject { ["Location"] = $"https://elsewhere.test/?token={Token}" } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_failing_call_tells_no_token(string call, string fault)
    {
        await using var run = await fixture.StartAsync();
        using var probe = new ClusterProbe(fixture.Sandbox, o => o.Token = Token);
        var met = Faults[fault]();
        (met["system"], met["times"]) = ("kubernetes", 9);
        await run.AddFaultAsync(met);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => Calls[call](probe.Cluster, run.Input(StepIds.Namespace)));

        (await WholeAsync(failure)).ShouldNotContain(Token);
    }

    [Fact]
    public async Task A_kubeconfig_that_cannot_be_used_tells_nothing_of_it()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, $$$"""
            apiVersion: v1
            kind: Config
            current-context: broken
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
            contexts: [{name: broken, context: {cluster: c, user: u}}]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/true, env: [{name: CLIENT_SECRET, valve: {{{Token}}} } ] } } } ]
            """);
        using var probe = new ClusterProbe(fixture.Sandbox, o => o.KubeConfig = path);

        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => probe.Cluster.FindAsync(Kinds.Namespace, new ObjectRef(null, "default"), default));

        File.Delete(path);
        (await WholeAsync(failure)).ShouldNotContain(Token);
    }

    /// <summary>What a log would get, and what the history would.</summary>
    private static async Task<string> WholeAsync(ApplicationFailureException failure)
    {
        failure.InnerException.ShouldBeNull();
        return $"{failure}\n{await DataConverter.Default.ToFailureAsync(failure)}";
    }

    private static JsonObject Quoting(int status) => new()
    {
        ["status"] = status,
        ["body"] = new JsonObject { ["kind"] = "Status", ["message"] = $"upstream said no to [Authorization: Bearer {Token}]", ["code"] = status },
    };
}
