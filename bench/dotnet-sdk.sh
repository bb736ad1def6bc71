#!/usr/bin/env bash
# The official .NET SDK's own tests on our server.
#
#   git clone https://github.com/temporalio/sdk-dotnet SDK       # anywhere outside the repository
#   bench/dotnet-sdk.sh SDK [FILTER]                             # FILTER as for dotnet test, besides what is left out below; everything without one
#
# The tests are built against the package (the version that we use), so that no Rust is needed. They start their servers themselves: `onramp server
# start-dev` and the test server, found where the SDK would keep the programs that it downloads. Those have five seconds to answer, and the tests
# their own limits of a few seconds: the machine must not be busy with anything else.
# Fails when a test fails. What the server declares not to have is left out: a workflow that waits for it would wait for ever.
set -euo pipefail

usage() { sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
[[ $# -ge 1 ]] || usage
sdk=$(realpath "$1"); filter=${2:-}
repository=$(realpath "$(dirname "$0")/..")
version=$(sed -n 's/.*"Temporalio" Version="\([^"]*\)".*/\1/p' "$repository/Directory.Packages.props")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Nexus, worker deployments, standalone activities and the cloud by name; and two that use Nexus without saying so: a signal with start from a
# workflow is an operation of it, and the test of converters has a service of it among others.
EXCLUDED=(Nexus Deployment StandaloneActivit CloudOperations SignalWithStartFromWorkflow ConverterContext_ProperlyAvailable)

# What the tests take from the SDK's repository besides the SDK: two extensions, which need no more than the package; and our own stand-ins for
# a package that logs to a test's output, and for the entry point of a console runner. Tests of AWS, GCP and standalone activities aren't built.
cp -r "$sdk/tests/Temporalio.Tests" "$work/Temporalio.Tests"
tests=$work/Temporalio.Tests
rm -rf "$tests/Extensions/Aws" "$tests/Extensions/Gcp" "$tests/packages.lock.json"
rm -f "$tests/Program.cs" "$tests/CloudNamespaceCommand.cs" "$tests/Client/TemporalClientActivityTests.cs"
cat > "$work/Directory.Build.props" <<'XML'
<Project><PropertyGroup>
  <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable><LangVersion>latest</LangVersion>
  <AllowUnsafeBlocks>true</AllowUnsafeBlocks><NuGetAudit>false</NuGetAudit><RunAnalyzers>false</RunAnalyzers><NoWarn>$(NoWarn);CS0618;CS1591</NoWarn>
</PropertyGroup></Project>
XML
for extension in OpenTelemetry DiagnosticSource; do
  mkdir "$work/Temporalio.Extensions.$extension"
  cat > "$work/Temporalio.Extensions.$extension/Temporalio.Extensions.$extension.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
  <Compile Include="$sdk/src/Temporalio.Extensions.$extension/*.cs" />
  <PackageReference Include="Temporalio" Version="$version" />
  <PackageReference Include="OpenTelemetry.Api" Version="1.20.1" />
  <AssemblyAttribute Include="System.Runtime.CompilerServices.InternalsVisibleTo"><_Parameter1>Temporalio.Tests</_Parameter1></AssemblyAttribute>
</ItemGroup></Project>
XML
done
cat > "$tests/Temporalio.Tests.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>
  <PackageReference Include="Temporalio" Version="$version" />
  <PackageReference Include="Temporalio.Extensions.Hosting" Version="$version" />
  <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.9" />
  <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
  <PackageReference Include="OpenTelemetry.Exporter.InMemory" Version="1.20.1" />
  <PackageReference Include="xunit" Version="2.9.3" />
  <PackageReference Include="xunit.runner.visualstudio" Version="3.1.5" />
  <PackageReference Include="Xunit.SkippableFact" Version="1.5.85" />
  <ProjectReference Include="../Temporalio.Extensions.OpenTelemetry/Temporalio.Extensions.OpenTelemetry.csproj" />
  <ProjectReference Include="../Temporalio.Extensions.DiagnosticSource/Temporalio.Extensions.DiagnosticSource.csproj" />
  <Content Include="xunit.runner.json" CopyToOutputDirectory="PreserveNewest" />
</ItemGroup></Project>
XML
cat > "$tests/Program.cs" <<'CS'
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Temporalio.Tests;

internal static class Program
{
    internal static bool InProc => false;

    internal static bool Verbose => false;
}

internal sealed class TestOutput(ITestOutputHelper output) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable BeginScope<TState>(TState state) where TState : notnull => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            output.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
        }
        catch (InvalidOperationException)
        {
            // The test is over.
        }
    }

    public void Dispose()
    {
    }
}

internal static class TestOutputLogging
{
    internal static ILoggingBuilder AddXUnit(this ILoggingBuilder logging, ITestOutputHelper output) => logging.AddProvider(new TestOutput(output));
}
CS

dotnet build "$repository/src/Cli" -c Release -v q -nologo
dotnet build "$tests" -v q -nologo

# Temporal's server fires a timer of a millisecond up to a second late, and one test (CurrentBuildId) is over before it fires. Its test server isn't
# late, as its time isn't real. The settings of the tests' process, below, aren't meant for the server.
mkdir "$work/downloads"
cat > "$work/downloads/server" <<SH
#!/bin/sh
unset DOTNET_TC_CallCountThreshold TMPDIR
case "\$2" in start-dev) set -- "\$@" --dynamic-config-value history.timerProcessorMaxTimeShift=1s ;; esac
exec "$repository/src/Cli/bin/Release/net10.0/onramp" "\$@"
SH
chmod +x "$work/downloads/server"
other=$(sed -n 's/.*DownloadVersion = "\(.*\)".*/\1/p' "$tests/WorkflowEnvironment.cs")
for name in "temporal-$other" "temporal-sdk-dotnet-$version" "temporal-sdk-dotnet-$version.0" "temporal-test-server-sdk-dotnet-$version" "temporal-test-server-sdk-dotnet-$version.0"; do
  cp "$work/downloads/server" "$work/downloads/$name"
done

# One test (StackTrace) looks at call stacks of the SDK as its unoptimized build has them: methods that are never compiled a second time aren't
# inlined.
wanted=$(printf '&FullyQualifiedName!~%s' "${EXCLUDED[@]}")
TMPDIR="$work/downloads" DOTNET_TC_CallCountThreshold=FFFFFF \
  dotnet test "$tests" --no-build --filter "${wanted#&}${filter:+&($filter)}" --logger 'console;verbosity=normal' > "$work/tests.txt" || true
grep -E '^(Total tests|     (Passed|Failed|Skipped):)' "$work/tests.txt" || { tail -20 "$work/tests.txt"; exit 1; }
grep -A 12 -E '^  Failed ' "$work/tests.txt" && exit 1
exit 0
