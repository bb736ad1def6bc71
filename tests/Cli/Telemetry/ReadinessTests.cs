using Microsoft.Extensions.Logging.Abstractions;
using Onramp.Cli.Connections;
using Onramp.Testing;
using Onramp.Workflows.Readiness;

namespace Onramp.Cli.Tests.Telemetry;

/// <summary>Whether work can be taken on.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task A_namespace_without_our_search_attributes_is_not_ready_and_the_command_is_told()
    {
        await using var environment = await EmbeddedEnvironment.StartAsync();

        var problem = await new NamespaceReadiness(environment.Client).ProblemAsync(CancellationToken.None);

        problem.ShouldBe("Namespace 'default' lacks search attributes. Run: temporal operator search-attribute create --namespace default"
            + " --name OnrampTeam --type Keyword --name OnrampService --type Keyword --name OnrampEnvironment --type Keyword --name OnrampState --type Keyword --name OnrampIdempotencyKey --type Keyword");
    }

    [Fact]
    public async Task Once_they_are_added_it_is_ready()
    {
        await using var environment = await EmbeddedEnvironment.StartAsync();
        var readiness = new NamespaceReadiness(environment.Client);
        await readiness.ProblemAsync(CancellationToken.None);
        await new SearchAttributeSetup(NullLogger<SearchAttributeSetup>.Instance).EnsureAsync(environment.Client, CancellationToken.None);

        (await readiness.ProblemAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_is_gone_is_not_ready()
    {
        var environment = await EmbeddedEnvironment.StartAsync();
        await environment.DisposeAsync();

        (await new NamespaceReadiness(environment.Client).ProblemAsync(CancellationToken.None)).ShouldBe("The Temporal server does not answer.");
    }
}
