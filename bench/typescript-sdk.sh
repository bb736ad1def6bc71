#!/usr/bin/env bash
# The official TypeScript SDK's own tests on our server.
#
#   git clone https://github.com/temporalio/sdk-typescript SDK   # anywhere outside the repository; the tag of a published version, or the commits after it
#   bench/typescript-sdk.sh SDK [FILE…]                          # names of test files, as test-schedules; without any, all of them but those left out below
#
# The tests are built against the published npm packages of the clone's version, so that no Rust is needed. They start their servers themselves:
# `onramp server start-dev` and the test server, found where the SDK would keep the programs that it downloads; some want one on port 7233, which must
# be free. Servers have five seconds to answer, and the tests their own limits of a few seconds: the machine must not be busy with anything else.
# Prints a line a file, what failed, and the totals. Fails when a test fails or a file is not to be had. Takes about a quarter of an hour.
# TYPESCRIPT_SDK_WORK=FOLDER keeps what is built there, and finds it again.
set -euo pipefail

usage() { sed -n '2,12p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }
[[ $# -ge 1 ]] || usage
sdk=$(realpath "$1"); shift
repository=$(realpath "$(dirname "$0")/..")
version=$(node -p "require('$sdk/packages/test/package.json').version")
if [[ -n ${TYPESCRIPT_SDK_WORK:-} ]]; then mkdir -p "$TYPESCRIPT_SDK_WORK"; work=$(realpath "$TYPESCRIPT_SDK_WORK"); else work=$(mktemp -d); fi
server=
finish() {
  [[ -z $server ]] || { kill "$server"; wait "$server" || true; } 2>/dev/null
  [[ -n ${TYPESCRIPT_SDK_WORK:-} ]] || rm -rf "$work"
}
trap finish EXIT
(exec 3<>/dev/tcp/127.0.0.1/7233) 2>/dev/null && { echo "port 7233 is taken" >&2; exit 1; }

# What the server declares not to have: Nexus, worker deployments and versions of workers by build id, standalone activities. The cloud needs the cloud.
LEFT_OUT='nexus|standalone|deployment|^test-worker-versioning$|^test-temporal-cloud$'
# The same by test, where a file has others too: two of async completion, one of tracing.
TESTS_LEFT_OUT=('!Standalone activity can complete asynchronously*' '!Otel nexus inbound interceptor creates spans*')

# The packages lie as in the SDK's repository, published ones where their sources would be: tests compare stack traces, which have these paths in them,
# and the bundler of workflows knows some packages by them.
if [[ ! -e $work/built ]]; then
  mkdir -p "$work/packages" "$work/contrib"
  cd "$work"
  cp "$sdk/tsconfig.base.json" .
  node - "$sdk" "$version" <<'JS'
const [sdk, version] = process.argv.slice(2);
const read = (folder) => require(`${sdk}/${folder}/package.json`);
const tests = read('packages/test'), helpers = read('packages/test-helpers'), tools = read('.').devDependencies;
const wanted = { ...helpers.dependencies, ...helpers.devDependencies, ...tests.dependencies, ...tests.devDependencies, '@temporalio/workflow-streams': version };
for (const name of ['@tsconfig/node20', '@types/node', 'tsx', 'typescript']) wanted[name] = tools[name];
for (const name in wanted) if (wanted[name] === 'workspace:*') wanted[name] = version;
delete wanted['@temporalio/test-helpers'];
require('fs').writeFileSync('package.json', JSON.stringify({ private: true, dependencies: wanted }, null, 2));
JS
  npm install --no-audit --no-fund --loglevel=error
  for package in node_modules/@temporalio/*; do
    mv "$package" packages/
    ln -s "../../packages/$(basename "$package")" "$package"
  done
  for package in packages/test-helpers contrib/workflow-streams contrib/interceptors-opentelemetry packages/test; do
    name=$(basename "$package")
    rm -rf "packages/$name" "$package"
    cp -r "$sdk/$package" "$package"
    ln -sfn "../../$package" "node_modules/@temporalio/$name"
    rm -f "$package"/src/test-*nexus*.ts
    cat > "$package/tsconfig.json" <<'JSON'
{ "extends": "../../tsconfig.base.json", "include": ["src/**/*.ts"],
  "compilerOptions": { "outDir": "lib", "rootDir": "src", "resolveJsonModule": true, "noUncheckedIndexedAccess": false,
                       "skipLibCheck": true, "composite": false, "incremental": false, "declaration": true } }
JSON
    if [[ $name == test ]]; then (cd "$package" && npx tsx scripts/compile-proto.ts > /dev/null); fi
    npx tsc -p "$package"
  done
  touch "$work/built"
fi

# Temporal's server fires timers up to a second late, and one test (coherent promise completion ordering) has a worker shut down before one of 0.1 s.
# Its test server isn't late, as its time isn't real. The tests' own temporary folder isn't meant for the server.
dotnet build "$repository/src/Cli" -c Release -v q -nologo
rm -rf "$work/downloads"; mkdir "$work/downloads"
cat > "$work/downloads/onramp" <<SH
#!/bin/sh
unset TMPDIR
case "\$2" in start-dev) set -- "\$@" --dynamic-config-value history.timerProcessorMaxTimeShift=1s ;; esac
exec "$repository/src/Cli/bin/Release/net10.0/onramp" "\$@"
SH
chmod +x "$work/downloads/onramp"
for name in "temporal-sdk-typescript-$version" "temporal-test-server-sdk-typescript-$version" temporal-sdk-typescript-1.0.0; do
  cp "$work/downloads/onramp" "$work/downloads/$name"
done

"$work/downloads/onramp" server start-dev --headless > "$work/server.txt" 2>&1 &
server=$!
until (exec 3<>/dev/tcp/127.0.0.1/7233) 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || { cat "$work/server.txt" >&2; exit 1; }
  read -r -t 0.1 <> <(:) || true
done

mapfile -t compiled < <(cd "$work" && ls packages/test/lib/test-*.js contrib/*/lib/__tests__/test-*.js)
rm -f "$work"/*.tap
passed=0; failed=0; skipped=0; unclean=()
for file in "${compiled[@]}"; do
  name=$(basename "$file" .js)
  if [[ $# -gt 0 ]]; then [[ " $* " == *" $name "* ]] || continue; elif [[ $name =~ $LEFT_OUT ]]; then continue; fi
  package=$work/${file%%/lib/*}
  status=0
  (cd "$package" && TMPDIR="$work/downloads" timeout 600 npx ava --tap --timeout=60s "${TESTS_LEFT_OUT[@]/#/--match=}" "lib/${file##*/lib/}") \
    > "$work/$name.tap" 2> "$work/$name.err" || status=$?
  good=$(grep -c '^ok ' "$work/$name.tap" || true)
  todo=$(grep -cE '^(not )?ok .* # (TODO|SKIP)' "$work/$name.tap" || true)
  bad=$(grep -E '^not ok ' "$work/$name.tap" | grep -cvE ' # (TODO|SKIP)' || true)
  [[ $status -eq 0 || $bad -gt 0 ]] || bad=1
  good=$((good - $(grep -cE '^ok .* # (TODO|SKIP)' "$work/$name.tap" || true)))
  passed=$((passed + good)); failed=$((failed + bad)); skipped=$((skipped + todo))
  printf '%-50s %3d passed %3d failed\n' "$name" "$good" "$bad"
  if [[ $status -ne 0 ]]; then unclean+=("$name"); grep -A 14 '^not ok ' "$work/$name.tap" || tail -20 "$work/$name.err"; fi
done
for name in "$@"; do [[ -e $work/$name.tap ]] || { echo "no such file: $name"; unclean+=("$name"); }; done
printf '\n%d passed, %d failed, %d not written yet or skipped by themselves\n' "$passed" "$failed" "$skipped"
[[ ${#unclean[@]} -eq 0 ]] || { printf 'not clean: %s\n' "${unclean[*]}"; exit 1; }
