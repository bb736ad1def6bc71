using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.xUnit;
using Onramp.Architecture.Tests.Fixtures;
using Temporalio.Workflows;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Onramp.Architecture.Tests;

/// <summary>Who may know whom. A rule that never fails shows nothing, so each is also held against a fixture that breaks it.</summary>
public sealed class RoomTests
{
    /// <summary>What decides about a run; only workflow code may know it.</summary>
    private static readonly string[] Deciding = ["Onramp.Workflows.Saga", "Onramp.Workflows.Approvals"];

    public static TheoryData<string> Folders => [.. Rooms.All.Select(room => room.Folder)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_room_knows_only_what_it_may(string folder) => OnlyWhatMay(Rooms.Of(folder), House.TypesOf(Rooms.Of(folder))).Check(House.Built);

    [Theory]
    [InlineData("Workflows", typeof(KnowsActivities))]
    [InlineData("Workflows", typeof(KnowsTheWeb))]
    [InlineData("Workflows", typeof(KnowsSqlite))]
    [InlineData("Starter", typeof(KnowsActivities))]
    [InlineData("EmbeddedServer", typeof(KnowsWorkflows))]
    [InlineData("Sandbox", typeof(KnowsWorkflows))]
    [InlineData("Worker", typeof(KnowsTheServer))]
    [InlineData("Activities", typeof(KnowsTheServer))]
    public void A_room_that_knew_more_would_be_noticed(string folder, Type breaking) =>
        OnlyWhatMay(InThisProject(folder), Types().That().Are(breaking)).HasNoViolations(House.Built).ShouldBeFalse();

    [Theory]
    [MemberData(nameof(Folders))]
    public void Code_that_knows_nobody_may_live_in_any_room(string folder) =>
        OnlyWhatMay(InThisProject(folder), Types().That().Are(typeof(KnowsNobody))).Check(House.Built);

    [Theory]
    [InlineData("Activities")]
    [InlineData("Starter")]
    public void Who_serves_workflows_knows_their_contracts_and_not_them(string folder) => NoWorkflow(House.TypesOf(Rooms.Of(folder))).Check(House.Built);

    [Theory]
    [InlineData(typeof(KnowsAWorkflow))]
    [InlineData(typeof(KnowsTheSaga))]
    public void Knowing_a_workflow_would_be_noticed(Type breaking) => NoWorkflow(Types().That().Are(breaking)).HasNoViolations(House.Built).ShouldBeFalse();

    [Fact]
    public void The_server_takes_only_messages_from_the_sdk() => OnlyMessages(House.TypesOf(Rooms.Of("EmbeddedServer"))).Check(House.Built);

    [Fact]
    public void What_stores_runs_does_not_know_who_lists_them() => NotKnowing(
        Types().That().ResideInNamespaceMatching(@"^Onramp\.EmbeddedServer\.Storage(\.|$)"), "Onramp.EmbeddedServer.Visibility").Check(House.Built);

    [Fact]
    public void Who_lists_runs_does_know_what_stores_them() => NotKnowing(
        Types().That().ResideInNamespaceMatching(@"^Onramp\.EmbeddedServer\.Visibility(\.|$)"), "Onramp.EmbeddedServer.Storage").HasNoViolations(House.Built).ShouldBeFalse();

    [Fact]
    public void Taking_more_from_the_sdk_would_be_noticed() =>
        OnlyMessages(Types().That().Are(typeof(KnowsTheClient))).HasNoViolations(House.Built).ShouldBeFalse();

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_refers_only_to_rooms_that_it_may_know(string folder) =>
        References(folder, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).ShouldBeSubsetOf(Rooms.Of(folder).Knows);

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_refers_only_to_packages_that_it_may_know(string folder) =>
        References(folder, "PackageReference").Where(name => !Rooms.Of(folder).Packages.Any(package =>
            package == name || (package.EndsWith('.') && name.StartsWith(package, StringComparison.Ordinal)))).ShouldBeEmpty();

    [Fact]
    public void Workflows_are_built_without_the_web() => References("Workflows", "FrameworkReference").ShouldBeEmpty();

    [Fact]
    public void Every_project_is_a_room_of_the_table() =>
        Directory.GetFiles(Path.Combine(House.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .ShouldBe(Rooms.All.Select(room => room.Folder), ignoreOrder: true);

    [Fact]
    public void Only_the_command_line_puts_server_and_sandbox_together_with_the_rest() =>
        Rooms.All.Where(room => room.Knows.Intersect(["EmbeddedServer", "Sandbox", "Worker", "Starter"]).Any()).Select(room => room.Folder).ShouldBe(["Cli"]);

    /// <summary>The room's row, as if these fixtures were its code.</summary>
    private static Room InThisProject(string folder) => Rooms.Of(folder) with { Assembly = typeof(RoomTests).Assembly.GetName().Name! };

    private static IArchRule OnlyWhatMay(Room room, GivenTypesConjunction types) =>
        types.DependOnlyOn(dependency => room.MayKnow(dependency.Target), $"what {room.Folder} may know");

    private static IArchRule NoWorkflow(GivenTypesConjunction types) =>
        types.DependOnlyOn(
            dependency => !IsWorkflow(dependency.Target) && !Deciding.Contains(dependency.Target.Namespace?.FullName, StringComparer.Ordinal),
            "contracts of workflows");

    private static IArchRule OnlyMessages(GivenTypesConjunction types) =>
        types.DependOnlyOn(
            dependency => House.NameOf(dependency.Target.Assembly) != "Temporalio" || dependency.Target.FullName.StartsWith("Temporalio.Api.", StringComparison.Ordinal),
            "messages of the SDK");

    private static IArchRule NotKnowing(GivenTypesConjunction types, string part) =>
        types.DependOnlyOn(dependency => dependency.Target.Namespace?.FullName.StartsWith(part, StringComparison.Ordinal) != true, $"what is not of {part}");

    private static bool IsWorkflow(IType type) => type.Attributes.Any(attribute => attribute.FullName == typeof(WorkflowAttribute).FullName);

    private static IEnumerable<string> References(string folder, string kind) =>
        XDocument.Load(Path.Combine(House.Root, "src", folder, folder + ".csproj")).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);
}
