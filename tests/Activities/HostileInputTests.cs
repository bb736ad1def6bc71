using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using Onramp.Activities.Azure;
using Onramp.Activities.GitHub;
using Onramp.Activities.Kubernetes;
using Onramp.Activities.Notifications;
using Onramp.Workflows.Contracts;
using Onramp.Workflows.Planning;
using YamlDotNet.RepresentationModel;

namespace Onramp.Activities.Tests;

/// <summary>What passes the validator is taken by every system that it is written to, and comes back as it was. Inputs are generated; failures name their seed.</summary>
public sealed partial class HostileInputTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private const int Count = 200;

    private static readonly string[] AzureReserved = ["microsoft", "windows"];

    [Fact]
    public void Names_keep_every_systems_rules() => Holds(input =>
    {
        var names = input.Names;
        names.Namespace.ShouldMatch(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z");
        names.ServiceAccount.ShouldMatch(@"\A[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z");
        names.RepositoryName.ShouldMatch(@"\A[A-Za-z0-9._-]{1,100}\z");
        names.ResourceGroup.ShouldMatch(@"\A[-A-Za-z0-9_.()]{1,89}[-A-Za-z0-9_()]\z");
        names.ImageRepository.ShouldMatch(@"\A[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*\z");
        foreach (var name in names.KeyVaults)
            name.ShouldMatch(@"\A[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]\z");
        foreach (var name in (string[])[names.Identity, names.PipelineIdentity])
            name.ShouldMatch(@"\A[A-Za-z0-9][A-Za-z0-9_-]{2,127}\z");
        foreach (var name in (string[])[names.DashboardUid, names.DashboardFolderUid])
            name.ShouldMatch(@"\A[A-Za-z0-9_-]{1,40}\z");
        foreach (var name in (string[])[.. names.KeyVaults, names.Identity, names.PipelineIdentity, names.ResourceGroup])
            AzureReserved.ShouldAllBe(word => !name.Contains(word, StringComparison.OrdinalIgnoreCase));
    });

    [Fact]
    public void Labels_and_tags_are_what_clusters_and_Azure_take() => Holds(input =>
    {
        foreach (var (key, value) in NamespaceObjects.Namespace(input).Metadata.Labels)
        {
            key.ShouldMatch(@"\A([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z");
            value.ShouldMatch(@"\A([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?\z");
        }
        foreach (var policy in NetworkPolicies.For(input))
            policy.Name().ShouldMatch(@"\A[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z");
        foreach (var (key, value) in AzureNames.Tags(input))
            (key.Length <= 512 && value.Length <= 256 && !key.AsSpan().ContainsAny("<>%&\\?/")).ShouldBeTrue(key);
    });

    [Fact]
    public void Yaml_comes_back_as_the_text_that_went_in() => Holds(input =>
    {
        var files = GoldenPathFiles.For(input).ToDictionary(f => f.Path, f => f.Content);
        var (catalog, settings) = (Read(files["catalog-info.yaml"]), Read(files["service.yaml"]));

        (catalog["metadata"]["name"].ToString(), catalog["metadata"]["description"].ToString(), catalog["spec"]["owner"].ToString())
            .ShouldBe((input.Request.Name, input.Request.Description, $"group:default/{input.Request.Team}"));
        (settings["name"].ToString(), settings["team"].ToString()).ShouldBe((input.Request.Name, input.Request.Team));
        files["CODEOWNERS"].ShouldMatch(@"\A\* @[A-Za-z0-9-]+/[a-z0-9-]+\n\z");
    });

    [Fact]
    public void Messages_ping_nobody_hide_no_link_and_begin_no_header()
    {
        for (var seed = 0; seed < Count; seed++)
        {
            var hostile = new HostileInput(seed);
            var message = new NotificationInput
            {
                Key = new StepKey { WorkflowId = "onboarding-orders-dev", RunId = "1", Step = "notify" },
                Kind = NotificationKinds.UndoFailing,
                Title = hostile.Text(),
                Text = hostile.Text(40),
                Channel = "#payments",
                Email = "payments@example.com",
                Links = [new OnboardingLink(hostile.Text(), "https://example.com/" + hostile.Text(4))],
            };
            foreach (var sent in NotificationChannels.For(message, Everywhere()))
                Check(sent, message, seed);
        }
    }

    /// <summary>Through the sandbox's own reading: a service is onboarded whose texts are the worst that the validator lets through.</summary>
    [Fact]
    public async Task The_worst_that_is_accepted_is_onboarded()
    {
        var worst = HostileInput.Requests(Count).OrderByDescending(r => r.Request.Description.Count(c => !char.IsAsciiLetterOrDigit(c))).Take(3).ToList();
        foreach (var (seed, request) in worst)
        {
            await using var run = await fixture.StartAsync(request with { Team = "payments", Dependencies = [] });
            await run.DoAllAsync();

            (await run.KeysAsync()).ShouldContain($"catalog entity component:default/{request.Name}", $"seed {seed}");
        }
    }

    [Theory]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\u0085")]
    [InlineData("\u202e")]
    [InlineData("\ufeff")]
    [InlineData("😀")]
    public async Task The_catalog_shows_a_description_as_it_was_written(string character)
    {
        var request = Workflows.Validation.ServiceRequestValidator.Validate(SandboxRun.Orders with { Description = $"before{character}after" });
        if (!request.IsValid)
            return;
        await using var run = await fixture.StartAsync(request.Request);
        await run.DoUntilAsync(StepIds.Protection);
        using var others = new SandboxApi(fixture.Sandbox);

        var entity = await others.CatalogAsync("GET", "/api/catalog/entities/by-name/component/default/orders");

        entity!["metadata"]!["description"]!.ToString().ShouldBe(request.Request.Description);
    }

    private static YamlNode Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.ShouldHaveSingleItem().RootNode;
    }

    private static void Check(OutgoingMessage sent, NotificationInput message, int seed)
    {
        var body = JsonNode.Parse(sent.Body.ToJsonString())!.AsObject();
        if (sent.Channel.StartsWith("slack", StringComparison.Ordinal))
        {
            foreach (var text in body["blocks"]!.AsArray().Select(b => b!["text"]!["text"]!.ToString()).Append(body["text"]!.ToString()))
            {
                Mention().IsMatch(text).ShouldBeFalse($"seed {seed}: {text}");
                foreach (Match link in Link().Matches(text))
                    link.Groups[1].Value.ShouldStartWith("https://example.com/", Case.Sensitive, $"seed {seed}");
                text.Length.ShouldBeLessThanOrEqualTo(4000);
            }
        }
        if (sent.Channel == "mail")
            body["subject"]!.ToString().Any(c => char.IsControl(c) || c is '\u2028' or '\u2029').ShouldBeFalse($"seed {seed}");
        if (sent.Channel == "teams")
            body.ToJsonString().ShouldNotContain("\"TextBlock\"", Case.Sensitive, $"seed {seed}: a text block reads Markdown");
        if (sent.Channel == "pagerduty")
            body["payload"]!["summary"]!.ToString().Length.ShouldBeLessThanOrEqualTo(1024, $"seed {seed}");
        message.Kind.ShouldBe(NotificationKinds.UndoFailing);
    }

    private static void Holds(Action<StepInput> rule)
    {
        var platform = new PlatformProfile
        {
            GitHub = new GitHubProfile { Organization = "acme" },
            Azure = new AzureProfile { SubscriptionId = "33333333-3333-4333-8333-333333333333", TenantId = "t", RegistryLoginServer = "acmeregistry.azurecr.io", DefaultRegion = "uksouth" },
        };
        foreach (var (seed, request) in HostileInput.Requests(Count))
        {
            try
            {
                rule(new StepInput { Key = new StepKey { WorkflowId = "w", RunId = "r", Step = "s" }, Request = request, Platform = platform, Names = NameDeriver.Derive(request, platform) });
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"seed {seed}: {request.Name} of {request.Team}, '{request.Description}': {e.Message}");
            }
        }
    }

    private static NotificationOptions Everywhere() => new()
    {
        SlackBotToken = "xoxb-1", TeamsWebhookUrl = "https://teams.example/hook", MailUrl = "https://mail.example", MailToken = "t", PagerDutyRoutingKey = "k",
    };

    [GeneratedRegex("<[!@#]", RegexOptions.CultureInvariant)]
    private static partial Regex Mention();

    [GeneratedRegex(@"<([^<>|]*)(\|[^<>]*)?>", RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
