#!/usr/bin/env bash
# Runs the conformance suite's load driver (official TypeScript client and worker) against our server and prints
# its line of JSON, then the processor time that the server process spent on each run.
#
#   bench/typescript.sh CONFORMANCE_FOLDER [--data FILE|:memory:] [-- driver arguments…]
#
# The folder needs its node_modules (npm ci). Build first: dotnet build -c Release bench/Onramp.Bench
set -euo pipefail

usage() { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
[[ $# -ge 1 ]] || usage
suite=$1; shift
serve=()
while [[ $# -gt 0 && $1 != -- ]]; do serve+=("$1"); shift; done
[[ $# -gt 0 ]] && shift
driver=("$@")
here=$(cd "$(dirname "$0")" && pwd)
server_dll=$here/Onramp.Bench/bin/Release/net10.0/Onramp.Bench.dll
[[ -f $server_dll ]] || { echo "build first: dotnet build -c Release bench/Onramp.Bench" >&2; exit 1; }

# Processor time of a process so far, in milliseconds.
processor_ms() {
  local stat ticks_per_second
  ticks_per_second=$(getconf CLK_TCK)
  stat=$(<"/proc/$1/stat"); stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  echo $(( (${12} + ${13}) * 1000 / ticks_per_second ))
}

# Runs the driver with a number of workflows; prints its JSON and leaves the spent time in $spent.
drive() {
  local before after
  before=$(processor_ms "$server")
  (cd "$suite" && npx tsx src/bench.ts --address "$address" --workflows "$1" "${driver[@]}")
  after=$(processor_ms "$server")
  spent=$((after - before))
}

out=$(mktemp)
dotnet "$server_dll" serve "${serve[@]}" >"$out" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -f "$out"' EXIT
until address=$(head -n 1 "$out") && [[ -n $address ]]; do
  kill -0 "$server" 2>/dev/null || { echo "the server did not start" >&2; exit 1; }
  read -r -t 0.1 <> <(:) || true
done
echo "$(nproc) cores; server data: ${serve[*]:-a temporary file, synchronous=FULL}"

workflows=1000
echo "first $workflows runs of the process (compilation included):"
drive "$workflows"
awk -v spent="$spent" -v runs="$workflows" 'BEGIN { printf "  server processor time a run: %.2f ms\n", spent / runs }'
echo "next $workflows runs:"
drive "$workflows"
awk -v spent="$spent" -v runs="$workflows" 'BEGIN { printf "  server processor time a run: %.2f ms\n", spent / runs }'
