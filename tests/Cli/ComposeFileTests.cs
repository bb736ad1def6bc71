using YamlDotNet.RepresentationModel;

namespace Onramp.Cli.Tests;

/// <summary>The compose file can't be run in a test; that it says what it must can be read.</summary>
public sealed class ComposeFileTests
{
    private static readonly YamlMappingNode Root = Load();

    private static YamlMappingNode Services => (YamlMappingNode)Root["services"];

    [Fact]
    public void It_has_temporal_with_postgresql_the_web_ui_worker_starter_and_sandbox() =>
        Services.Children.Keys.Select(k => k.ToString()).Order(StringComparer.Ordinal)
            .ShouldBe(["postgresql", "sandbox", "starter", "temporal", "temporal-namespace", "temporal-schema", "temporal-ui", "worker"]);

    [Fact]
    public void Every_published_port_is_on_loopback_only()
    {
        var ports = Services.Children.Values.OfType<YamlMappingNode>()
            .Where(s => s.Children.ContainsKey("ports"))
            .SelectMany(s => (YamlSequenceNode)s["ports"])
            .Select(p => p.ToString()).ToList();
        ports.Count.ShouldBe(3);
        ports.ShouldAllBe(p => p.StartsWith("127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_image_has_a_tag_that_does_not_move()
    {
        foreach (var service in Services.Children.Values.OfType<YamlMappingNode>().Where(s => s.Children.ContainsKey("image")))
        {
            var image = service["image"].ToString();
            image.ShouldContain(":");
            image.ShouldNotEndWith(":latest");
        }
    }

    [Fact]
    public void Every_dependency_and_volume_exists()
    {
        var names = Services.Children.Keys.Select(k => k.ToString()).ToHashSet(StringComparer.Ordinal);
        var named = ((YamlMappingNode)Root["volumes"]).Children.Keys.Select(k => k.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var service in Services.Children.Values.OfType<YamlMappingNode>())
        {
            if (service.Children.TryGetValue("depends_on", out var dependencies))
                ((YamlMappingNode)dependencies).Children.Keys.ShouldAllBe(d => names.Contains(d.ToString()));
            if (service.Children.TryGetValue("volumes", out var mounts))
                ((YamlSequenceNode)mounts).ShouldAllBe(m => m.ToString().StartsWith("./", StringComparison.Ordinal) || named.Contains(m.ToString().Split(':', 2)[0]));
        }
    }

    [Theory]
    [InlineData("temporal", "temporal-schema")]
    [InlineData("worker", "temporal-namespace")]
    [InlineData("starter", "temporal-namespace")]
    [InlineData("temporal-ui", "temporal-namespace")]
    public void Nothing_starts_before_the_one_shot_container_that_prepares_it_has_succeeded(string service, string preparation)
    {
        var dependencies = (YamlMappingNode)((YamlMappingNode)Services[service])["depends_on"];
        dependencies[preparation]["condition"].ToString().ShouldBe("service_completed_successfully");
    }

    [Fact]
    public void Every_mounted_file_is_in_the_repository()
    {
        var mounts = Services.Children.Values.OfType<YamlMappingNode>()
            .Where(s => s.Children.ContainsKey("volumes"))
            .SelectMany(s => (YamlSequenceNode)s["volumes"])
            .Select(m => m.ToString().Split(':')[0])
            .Where(m => m.StartsWith("./", StringComparison.Ordinal)).ToList();
        mounts.ShouldNotBeEmpty();
        mounts.ShouldAllBe(m => File.Exists(Path.Combine(Repository.Root, m)));
    }

    [Theory]
    [InlineData("sandbox")]
    [InlineData("worker")]
    [InlineData("starter")]
    public void What_our_image_is_told_to_run_is_a_command_that_exists(string service)
    {
        var arguments = ((YamlSequenceNode)((YamlMappingNode)Services[service])["command"]).Select(a => a.ToString()).ToArray();
        Commands.OnrampCommand.Create().Parse(arguments).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("starter")]
    public void Worker_and_starter_work_on_the_cluster(string service)
    {
        var environment = (YamlMappingNode)((YamlMappingNode)Services[service])["environment"];
        environment["TEMPORAL_ADDRESS"].ToString().ShouldBe("temporal:7233");
    }

    [Fact]
    public void Links_lead_to_temporals_own_web_ui()
    {
        var port = ((YamlSequenceNode)((YamlMappingNode)Services["temporal-ui"])["ports"])[0].ToString();
        var environment = (YamlMappingNode)((YamlMappingNode)Services["starter"])["environment"];

        environment["ONRAMP_TEMPORAL_UI"].ToString().ShouldBe($"http://{port[..port.LastIndexOf(':')]}");
    }

    private static YamlMappingNode Load()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Repository.Root, "docker-compose.yml"));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }
}
