using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.xUnit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Onramp.Architecture.Tests;

/// <summary>Inside the embedded server: no circles between folders, and gRPC only where calls come in.</summary>
public sealed class LayerTests
{
    public static TheoryData<string> Folders => [.. Layers.LowestFirst];

    public static TheoryData<string> FoldersOffTheWire => [.. Layers.LowestFirst.Except(Layers.OnTheWire)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_knows_only_what_is_below_it(string folder) => OnlyWhatIsBelow(folder, TypesOf(folder)).Check(House.Built);

    [Theory]
    [InlineData("Storage", "Visibility")]
    [InlineData("Visibility", "History")]
    [InlineData("History", "Schedules")]
    [InlineData("Schedules", "Engine")]
    [InlineData("Frontend", "Transport")]
    public void Knowing_what_is_above_would_be_noticed(string folder, string knowsMore) =>
        OnlyWhatIsBelow(folder, TypesOf(knowsMore)).HasNoViolations(House.Built).ShouldBeFalse();

    [Theory]
    [MemberData(nameof(FoldersOffTheWire))]
    public void Who_decides_does_not_speak_gRPC(string folder) => NoGrpc(TypesOf(folder)).Check(House.Built);

    [Fact]
    public void Speaking_gRPC_would_be_noticed() => NoGrpc(TypesOf("Transport")).HasNoViolations(House.Built).ShouldBeFalse();

    [Fact]
    public void Every_folder_has_its_place() =>
        Directory.GetDirectories(Path.Combine(House.Root, "src", "EmbeddedServer")).Select(Path.GetFileName)
            .Except(["bin", "obj", "Properties"]).ShouldBe(Layers.LowestFirst, ignoreOrder: true);

    private static GivenTypesConjunction TypesOf(string folder) => Types().That().ResideInNamespaceMatching($@"^Onramp\.EmbeddedServer\.{folder}(\.|$)");

    private static IArchRule OnlyWhatIsBelow(string folder, GivenTypesConjunction types) => types.DependOnlyOn(
        dependency => Layers.MayKnow(folder, dependency.Target.Namespace?.FullName, dependency.Target.Name), $"what {folder} may know");

    private static IArchRule NoGrpc(GivenTypesConjunction types) =>
        types.DependOnlyOn(dependency => House.NameOf(dependency.Target.Assembly) != "Grpc.Core.Api", "what isn't gRPC");
}
