#!/usr/bin/env bash
# The official .NET SDK's own tests on our server.
#
#   git clone https://github.com/temporalio/sdk-dotnet SDK       # anywhere outside the repository
#   bench/dotnet-sdk.sh SDK [FILTER]                             # FILTER as for dotnet test; everything without one
#
# The tests are built against the package (the version that we use), so that no Rust is needed, and run on `onramp server start-dev`. Tests that
# start servers of their own find our program where the SDK would keep the one that it downloads.
# Fails when a test fails that doesn't belong to what the server declares not to have (EXCLUDED below).
set -euo pipefail

sdk=$(realpath "${1:?the folder of a clone of temporalio/sdk-dotnet}"); filter=${2:-}
repository=$(realpath "$(dirname "$0")/..")
version=$(sed -n 's/.*"Temporalio" Version="\([^"]*\)".*/\1/p' "$repository/Directory.Packages.props")
work=$(mktemp -d); server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# Nexus, worker deployments and standalone activities by name; and three that use Nexus without saying so, or look at the SDK's own call stacks.
EXCLUDED='Nexus|Deployment|StandaloneActivit|TemporalClientActivityTests|SignalWithStartFromWorkflow|ConverterContext_ProperlyAvailable|StackTrace_ReportedProperlyWhenEnabled'

dotnet build "$repository/src/Cli" -c Release -v q -nologo
program="$repository/src/Cli/bin/Release/net10.0/onramp"

cp -r "$sdk/tests/Temporalio.Tests" "$work/Temporalio.Tests"
project="$work/Temporalio.Tests/Temporalio.Tests.csproj"
cat > "$work/Directory.Build.props" <<'X'
<Project><PropertyGroup><NuGetAudit>false</NuGetAudit><Nullable>enable</Nullable><LangVersion>latest</LangVersion><ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally></PropertyGroup></Project>
X
cat > "$project" <<X
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks><AssemblyName>Temporalio.Tests</AssemblyName><NoWarn>\$(NoWarn);CS0618;CS1591</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Temporalio" Version="$version" />
    <PackageReference Include="Temporalio.Extensions.Hosting" Version="$version" />
    <PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.9" />
    <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
    <PackageReference Include="OpenTelemetry.Exporter.InMemory" Version="1.20.1" />
    <PackageReference Include="xunit" Version="2.9.3" />
    <PackageReference Include="xunit.runner.visualstudio" Version="3.1.5" />
    <PackageReference Include="Xunit.SkippableFact" Version="1.5.85" />
  </ItemGroup>
  <ItemGroup><Content Include="xunit.runner.json" CopyToOutputDirectory="PreserveNewest" /></ItemGroup>
</Project>
X
dotnet build "$project" -v q -nologo

mkdir "$work/downloads"
for name in temporal temporal-cli temporal-test-server; do
  ln -s "$program" "$work/downloads/$name-sdk-dotnet-$version.0"
done

"$program" server start-dev --port 0 --headless --dynamic-config-value limit.historyCount.suggestContinueAsNew=50 > "$work/server.txt" & server=$!
until grep -q '^Temporal server:' "$work/server.txt"; do sleep 0.2; kill -0 "$server"; done
address=$(sed -n 's/^Temporal server: *//p' "$work/server.txt")

TMPDIR="$work/downloads" TEMPORAL_TEST_CLIENT_TARGET_HOST=$address TEMPORAL_TEST_CLIENT_NAMESPACE=default \
  dotnet test "$project" --no-build ${filter:+--filter "$filter"} --logger 'console;verbosity=normal' > "$work/tests.txt" || true
grep -E '^(Total tests|     (Passed|Failed|Skipped):)' "$work/tests.txt"
failed=$(grep -E '^  Failed ' "$work/tests.txt" | grep -vE "$EXCLUDED" || true)
[ -z "$failed" ] || { echo "failed, and not for what is not there:"; echo "$failed"; exit 1; }
