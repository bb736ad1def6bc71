using System.CommandLine;
using System.CommandLine.Parsing;
using Onramp.Workflows.Contracts;

namespace Onramp.Cli.Options;

/// <summary>A service request as options. Words are checked by the API, which says precisely what is wrong with which field.</summary>
internal sealed class RequestOptions
{
    private readonly Argument<string> name = new("NAME") { Description = "Name of the service, such as orders" };
    private readonly Option<string> team = new("--team") { Description = "Owning team", HelpName = "TEAM", Required = true };
    private readonly Option<string> environment = Words("--environment", "Environment", Vocabulary.Environments, Vocabulary.Development, "-e");
    private readonly Option<string> description = new("--description") { Description = "One line for people", HelpName = "TEXT", DefaultValueFactory = _ => "" };
    private readonly Option<string> language = Words("--language", "Language of the golden path", Vocabulary.Languages, Vocabulary.DefaultLanguage);
    private readonly Option<string> template = Words("--template", "Kind of workload", Vocabulary.Templates, Vocabulary.DefaultTemplate);
    private readonly Option<string> plan = Words("--plan", "Size", Vocabulary.Plans, Vocabulary.DefaultPlan);
    private readonly Option<string> network = Words("--network", "Who may talk to it", Vocabulary.NetworkPolicies, Vocabulary.DefaultNetworkPolicy);
    private readonly Option<string> tier = Words("--tier", "Recovery tier", Vocabulary.Tiers, Vocabulary.DefaultTier);
    private readonly Option<string> gitOps = Words("--gitops", "Delivery", Vocabulary.GitOpsKinds, Vocabulary.GitOpsFlux);
    private readonly Option<string> region = new("--region") { Description = "Azure region; default: the platform's own", HelpName = "REGION", DefaultValueFactory = _ => "" };
    private readonly Option<string> costCenter = new("--cost-center") { Description = "Cost centre that pays", HelpName = "ID", DefaultValueFactory = _ => "" };
    private readonly Option<string[]> dependsOn = new("--depends-on") { Description = "A service that it calls (repeatable)", HelpName = "SERVICE", DefaultValueFactory = _ => [] };
    private readonly Option<string> channel = new("--channel") { Description = "Chat channel to tell, such as #payments", HelpName = "CHANNEL", DefaultValueFactory = _ => "" };
    private readonly Option<string> email = new("--email") { Description = "Mail address to tell", HelpName = "ADDRESS", DefaultValueFactory = _ => "" };
    private readonly Option<bool> adopt = new("--adopt") { Description = "Use the service's existing repository" };
    private readonly Option<bool> noMonitoring = new("--no-monitoring") { Description = "No dashboard, no alerts, no ServiceMonitor" };
    private readonly Option<bool> noCatalog = new("--no-catalog") { Description = "No catalog entry" };
    private readonly Option<string> requester = new("--requester")
    {
        Description = "Who asks, where the API has no tokens [default: your login]",
        HelpName = "LOGIN",
        DefaultValueFactory = _ => "",
    };

    public void AddTo(Command command)
    {
        command.Add(name);
        foreach (var option in new Option[]
        {
            team, environment, description, language, template, plan, network, tier, gitOps, region, costCenter, dependsOn, channel, email,
            adopt, noMonitoring, noCatalog, requester,
        })
        {
            command.Add(option);
        }
    }

    public ServiceRequest Read(ParseResult result) => new()
    {
        Name = result.GetRequiredValue(name),
        Team = result.GetRequiredValue(team),
        Environment = result.GetRequiredValue(environment),
        Description = result.GetRequiredValue(description),
        Language = result.GetRequiredValue(language),
        Template = result.GetRequiredValue(template),
        Plan = result.GetRequiredValue(plan),
        NetworkPolicy = result.GetRequiredValue(network),
        Tier = result.GetRequiredValue(tier),
        Region = result.GetRequiredValue(region),
        CostCenter = result.GetRequiredValue(costCenter),
        Dependencies = result.GetRequiredValue(dependsOn),
        Requester = result.GetRequiredValue(requester),
        Repository = new RepositoryRequest { Mode = result.GetValue(adopt) ? Vocabulary.RepositoryAdopt : Vocabulary.RepositoryCreate },
        Features = new FeatureRequest
        {
            Monitoring = !result.GetValue(noMonitoring),
            Alerts = !result.GetValue(noMonitoring),
            Catalog = !result.GetValue(noCatalog),
            GitOps = result.GetRequiredValue(gitOps),
        },
        Notifications = new NotificationRequest { Channel = result.GetRequiredValue(channel), Email = result.GetRequiredValue(email) },
    };

    private static Option<string> Words(string name, string description, IReadOnlyList<string> words, string defaultValue, params string[] aliases) => new(name, aliases)
    {
        Description = $"{description}: {string.Join(", ", words)}",
        HelpName = "WORD",
        DefaultValueFactory = _ => defaultValue,
    };
}
