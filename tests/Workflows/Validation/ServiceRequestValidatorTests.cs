using Onramp.Workflows.Contracts;
using Onramp.Workflows.Validation;

namespace Onramp.Workflows.Tests.Validation;

public sealed class ServiceRequestValidatorTests
{
    public static TheoryData<string, string, ServiceRequest> BadRequests => new()
    {
        { "requestId", "pattern", Requests.Orders with { RequestId = "" } },
        { "name", "required", Requests.Orders with { Name = " " } },
        { "name", "length", Requests.Orders with { Name = "ab" } },
        { "name", "length", Requests.Orders with { Name = new string('a', 31) } },
        { "name", "pattern", Requests.Orders with { Name = "Orders" } },
        { "name", "pattern", Requests.Orders with { Name = "or--ders" } },
        { "name", "pattern", Requests.Orders with { Name = "1orders" } },
        { "name", "pattern", Requests.Orders with { Name = "orders-" } },
        { "name", "pattern", Requests.Orders with { Name = "orders\nx" } },
        { "name", "reserved", Requests.Orders with { Name = "kube-orders" } },
        { "name", "yamlWord", Requests.Orders with { Name = "true" } },
        { "name", "yamlWord", Requests.Orders with { Name = "null" } },
        { "name", "yamlWord", Requests.Orders with { Name = "off" } },
        { "name", "azureReserved", Requests.Orders with { Name = "windows-agent" } },
        { "name", "azureReserved", Requests.Orders with { Name = "my-microsoft-sync" } },
        { "name", "azureReserved", Requests.Orders with { Name = "login-page" } },
        { "description", "length", Requests.Orders with { Description = new string('x', 201) } },
        { "description", "pattern", Requests.Orders with { Description = "two\nlines" } },
        { "description", "text", Requests.Orders with { Description = "half \ud83d of one" } },
        { "team", "required", Requests.Orders with { Team = "" } },
        { "team", "length", Requests.Orders with { Team = "x" } },
        { "team", "pattern", Requests.Orders with { Team = "Pay ments" } },
        { "team", "yamlWord", Requests.Orders with { Team = "no" } },
        { "requester", "required", Requests.Orders with { Requester = "" } },
        { "requester", "pattern", Requests.Orders with { Requester = "ada lovelace" } },
        { "language", "oneOf", Requests.Orders with { Language = "cobol" } },
        { "template", "oneOf", Requests.Orders with { Template = "monolith" } },
        { "environment", "required", Requests.Orders with { Environment = "" } },
        { "environment", "oneOf", Requests.Orders with { Environment = "moon" } },
        { "region", "pattern", Requests.Orders with { Region = "uk south" } },
        { "plan", "oneOf", Requests.Orders with { Plan = "gigantic" } },
        { "networkPolicy", "oneOf", Requests.Orders with { NetworkPolicy = "none" } },
        { "dependencies", "count", Requests.Orders with { Dependencies = [.. Enumerable.Range(0, 21).Select(i => $"svc-a{i}")] } },
        { "dependencies", "unique", Requests.Orders with { Dependencies = ["stock", "stock"] } },
        { "dependencies", "self", Requests.Orders with { Dependencies = ["orders"] } },
        { "dependencies[1]", "pattern", Requests.Orders with { Dependencies = ["stock", "Bad Name"] } },
        { "tier", "oneOf", Requests.Orders with { Tier = "gold" } },
        { "costCenter", "pattern", Requests.Orders with { CostCenter = "CC 42" } },
        { "costCenter", "pattern", Requests.Orders with { CostCenter = "-cc" } },
        { "costCenter", "labelValue", Requests.Orders with { CostCenter = "cc-" } },
        { "entraGroupId", "guid", Requests.Orders with { EntraGroupId = "payments" } },
        { "repository.visibility", "oneOf", Requests.Orders with { Repository = new RepositoryRequest { Visibility = "secret" } } },
        { "repository.mode", "oneOf", Requests.Orders with { Repository = new RepositoryRequest { Mode = "steal" } } },
        { "features.gitOps", "oneOf", Requests.Orders with { Features = new FeatureRequest { GitOps = "ftp" } } },
        { "features.alerts", "needs", Requests.Orders with { Features = new FeatureRequest { Monitoring = false } } },
        { "notifications.channel", "pattern", Requests.Orders with { Notifications = new NotificationRequest { Channel = "payments" } } },
        { "notifications.email", "pattern", Requests.Orders with { Notifications = new NotificationRequest { Email = "nobody" } } },
    };

    [Theory]
    [InlineData("cc-")]
    [InlineData("c--")]
    public void F01_a_label_value_ends_with_a_letter_or_digit(string costCenter) =>
        ServiceRequestValidator.Validate(Requests.Orders with { CostCenter = costCenter }).Errors.Select(e => e.Field).ShouldBe(["costCenter"]);

    [Theory]
    [InlineData("windows-agent")]
    [InlineData("my-microsoft-sync")]
    [InlineData("login-page")]
    public void F03_a_word_that_Azure_keeps_for_itself_is_refused_at_the_request(string name) =>
        ServiceRequestValidator.Validate(Requests.Orders with { Name = name }).Errors.Select(e => e.Field).ShouldBe(["name"]);

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Names_the_field_and_the_rule(string field, string rule, ServiceRequest request)
    {
        var errors = ServiceRequestValidator.Validate(request).Errors;

        errors.Select(e => (e.Field, e.Rule)).ShouldBe([(field, rule)]);
        errors[0].Message.ShouldStartWith(field);
    }

    [Theory]
    [InlineData("true-north")]
    [InlineData("nullify")]
    [InlineData("my-login")]
    [InlineData("e10")]
    public void Accepts_a_name_that_only_resembles_a_reserved_word(string name) =>
        ServiceRequestValidator.Validate(Requests.Orders with { Name = name }).IsValid.ShouldBeTrue();

    [Fact]
    public void Leaves_out_rules_that_a_run_began_without() =>
        ServiceRequestValidator.Validate(Requests.Orders with { Name = "windows-agent", CostCenter = "cc-" }, RuleEdition.First).IsValid.ShouldBeTrue();

    [Fact]
    public void Accepts_a_good_request() => ServiceRequestValidator.Validate(Requests.Orders).IsValid.ShouldBeTrue();

    [Theory]
    [InlineData("dev", "development")]
    [InlineData(" PROD ", "production")]
    [InlineData("Staging", "staging")]
    public void Understands_other_spellings_of_environments(string written, string meant) =>
        ServiceRequestValidator.Validate(Requests.Orders with { Environment = written }).Request.Environment.ShouldBe(meant);

    [Fact]
    public void Survives_a_request_of_nulls()
    {
        var request = new ServiceRequest
        {
            Name = null!, Team = null!, Dependencies = null!, Repository = null!, Features = null!, Notifications = null!, Plan = null!,
        };

        ServiceRequestValidator.Validate(request).Errors.Select(e => e.Field).ShouldContain("name");
    }
}
