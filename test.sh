#!/usr/bin/env bash
# Builds everything, runs every test and ends with "N passed, N failed". Usage: ./test.sh [dotnet test options]
set -u
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

if ! dotnet build Workflows.sln -c Release -v q; then
  echo "0 passed, 1 failed"
  exit 1
fi

dotnet test Workflows.sln -c Release --no-build -v q -m:1 --logger "console;verbosity=normal" "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
passed=$(sed -nE 's/^ *Passed: *([0-9]+).*$/\1/p' "$log" | awk '{ s += $1 } END { print s + 0 }')
failed=$(sed -nE 's/^ *Failed: *([0-9]+).*$/\1/p' "$log" | awk '{ s += $1 } END { print s + 0 }')
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
