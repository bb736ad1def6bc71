using System.Text.RegularExpressions;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Fluent;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.xUnit;
using Onramp.Architecture.Tests.Fixtures;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Onramp.Architecture.Tests;

/// <summary>Workflow code runs again from its history, on other machines and at other times: all that could then differ comes from Temporal.</summary>
public sealed partial class DeterminismTests
{
    public static TheoryData<Type> Breaking => [.. typeof(NotDeterministic).GetNestedTypes()];

    [Fact]
    public void Workflow_code_takes_time_chance_and_waiting_from_temporal() => Deterministic(House.TypesOf(Rooms.Of("Workflows"))).Check(House.Built);

    [Theory]
    [MemberData(nameof(Breaking))]
    public void Code_that_did_not_would_be_noticed(Type breaking) =>
        Deterministic(Types().That().Are(breaking)).HasNoViolations(House.Built).ShouldBeFalse();

    [Fact]
    public void Code_that_does_passes() => Deterministic(Types().That().Are(typeof(IsDeterministic))).Check(House.Built);

    private static IArchRule Deterministic(GivenTypesConjunction types) =>
        types.DependOnlyOn(
            dependency => !BannedTypes().IsMatch(dependency.Target.FullName)
                && !(dependency is IMemberMemberDependency call && BannedMembers().IsMatch(call.TargetMember.FullName)),
            "what is the same on replay");

    /// <summary>Types that are about this process or the world around it.</summary>
    [GeneratedRegex(
        """
        ^System\.(
            Environment|Console|Lazy`1
            |Threading\.(Thread|ThreadPool|Timer|PeriodicTimer|Monitor|Lock|Mutex|Semaphore|SemaphoreSlim|ReaderWriterLockSlim|ManualResetEventSlim|ManualResetEvent|AutoResetEvent|Barrier|CountdownEvent|ThreadLocal`1)
            |Threading\.Tasks\.(Parallel|TaskFactory|TaskFactory`1)
            |Timers\..*|Diagnostics\.(Stopwatch|Process)
            |Security\.Cryptography\.RandomNumberGenerator
            |IO\.(File|Directory|FileStream|StreamReader|StreamWriter|Path)
            |Net\..*
        )$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BannedTypes();

    /// <summary>Members of types that are otherwise welcome.</summary>
    [GeneratedRegex(
        """
        \ System\.(
            DateTime::get_(Now|UtcNow|Today)|DateTimeOffset::get_(Now|UtcNow)|TimeProvider::get_System
            |Guid::(NewGuid|CreateVersion7)|Random::get_Shared|Random::\.ctor\(\)
            |Threading\.Tasks\.Task(`1<[^(]*>)?::(Run|Delay|Wait|WaitAll|WaitAny|WaitAsync|WhenAny|ContinueWith|ConfigureAwait|Start|RunSynchronously|get_Factory)\b
            |Threading\.CancellationTokenSource::(CancelAfter|\.ctor\((System\.TimeSpan|System\.Int32))
        )
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BannedMembers();
}
