using System.Runtime.CompilerServices;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Conditions;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.Loader;
using Microsoft.AspNetCore.Builder;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Code = System.Reflection.Assembly;
using Type = System.Type;

namespace Onramp.Architecture.Tests;

/// <summary>All rooms as built, and rules about what their types depend on.</summary>
internal static class House
{
    private static readonly string Framework = FolderOf(typeof(object));
    private static readonly string Web = FolderOf(typeof(WebApplication));

    /// <summary>The rooms, and this test project with its fixtures.</summary>
    public static ArchUnitNET.Domain.Architecture Built { get; } =
        new ArchLoader().LoadAssemblies([.. Rooms.All.Select(Load), typeof(House).Assembly]).Build();

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    public static Code Load(Room room) => Code.Load(room.Assembly);

    public static GivenTypesConjunction TypesOf(Room room) => Types().That().ResideInAssembly(Load(room));

    /// <summary>Types depend only on what the predicate lets pass.</summary>
    public static IArchRule DependOnlyOn(this GivenTypesConjunction types, Func<ITypeDependency, bool> isAllowed, string what) =>
        types.Should().FollowCustomCondition(
            type =>
            {
                var wrong = type.Dependencies
                    .Where(dependency => dependency.Target is not GenericParameter && !isAllowed(dependency))
                    .Select(Describe)
                    .Distinct(StringComparer.Ordinal)
                    .ToList();
                return new ConditionResult(type, wrong.Count == 0, $"depends on {string.Join(" and ", wrong)}");
            },
            $"depend only on {what}");

    /// <summary>Whether a room may know the assembly of this type.</summary>
    public static bool MayKnow(this Room room, IType type)
    {
        var name = NameOf(type.Assembly);
        return name == room.Assembly
            || room.Knows.Any(known => Rooms.Of(known).Assembly == name)
            || room.Packages.Any(package => package == name || (package.EndsWith('.') && name.StartsWith(package, StringComparison.Ordinal)))
            || File.Exists(Path.Combine(Framework, name + ".dll"))
            || (room.OnWeb && File.Exists(Path.Combine(Web, name + ".dll")));
    }

    public static string NameOf(ArchUnitNET.Domain.Assembly assembly) => assembly.Name.Split(',')[0];

    private static string Describe(ITypeDependency dependency) =>
        dependency is IMemberMemberDependency call ? call.TargetMember.FullName : $"{dependency.Target.FullName} of {NameOf(dependency.Target.Assembly)}";

    private static string FolderOf(Type type) => Path.GetDirectoryName(type.Assembly.Location)!;

    private static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
