import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import sodium from 'libsodium-wrappers';

const octokit = new Octokit({ baseUrl: process.env.SANDBOX_GITHUB, auth: process.env.SANDBOX_TOKEN, log: { debug() {}, info() {}, warn() {}, error() {} } });
const repo = { owner: 'acme', repo: 'orders' };
const status = promise => promise.then(answer => answer.status, error => error.status);

const created = await octokit.repos.createUsingTemplate({
  template_owner: 'acme', template_repo: 'golden-path-microservice', owner: 'acme', name: 'orders', private: true,
});
assert.equal(created.status, 201);
assert.equal(await status(octokit.repos.getContent({ ...repo, path: 'README.md' })), 404);
assert.equal(await status(octokit.repos.listCommits(repo)), 409);
while (await status(octokit.repos.getBranch({ ...repo, branch: 'main' })) === 404) await setTimeout(50);

const workflow = await octokit.repos.getContent({ ...repo, path: '.github/workflows/ci-cd.yaml' });
assert.equal(workflow.data.type, 'file');
const config = await octokit.repos.getContent({ ...repo, path: 'service.yaml' });
const change = { ...repo, path: 'service.yaml', message: 'name the service', content: Buffer.from('name: orders\n').toString('base64') };
assert.equal(await status(octokit.repos.createOrUpdateFileContents(change)), 422);
assert.equal(await status(octokit.repos.createOrUpdateFileContents({ ...change, sha: '0'.repeat(40) })), 409);
assert.equal(await status(octokit.repos.createOrUpdateFileContents({ ...change, sha: config.data.sha })), 200);

assert.equal(await status(octokit.teams.addOrUpdateRepoPermissionsInOrg({ org: 'acme', team_slug: 'payments', ...repo, permission: 'maintain' })), 204);
const team = await octokit.teams.getByName({ org: 'acme', team_slug: 'payments' });
const reviewers = [{ type: 'Team', id: team.data.id }];
assert.equal(await status(octokit.repos.createOrUpdateEnvironment({ ...repo, environment_name: 'dev', reviewers })), 200);
const platform = await octokit.teams.getByName({ org: 'acme', team_slug: 'platform' });
assert.equal(await status(octokit.repos.createOrUpdateEnvironment({ ...repo, environment_name: 'prod', reviewers: [{ type: 'Team', id: platform.data.id }] })), 422);

const variable = { ...repo, environment_name: 'dev', name: 'CLIENT_ID', value: '1' };
assert.equal(await status(octokit.actions.createEnvironmentVariable(variable)), 201);
assert.equal(await status(octokit.actions.createEnvironmentVariable(variable)), 409);
assert.equal(await status(octokit.actions.updateEnvironmentVariable({ ...variable, value: '2' })), 204);

await sodium.ready;
const key = (await octokit.actions.getRepoPublicKey(repo)).data;
const sealed = sodium.crypto_box_seal('s3cr3t', sodium.from_base64(key.key, sodium.base64_variants.ORIGINAL));
const secret = { ...repo, secret_name: 'DEPLOY', key_id: key.key_id, encrypted_value: sodium.to_base64(sealed, sodium.base64_variants.ORIGINAL) };
assert.equal(await status(octokit.actions.createOrUpdateRepoSecret({ ...secret, encrypted_value: Buffer.alloc(60).toString('base64') })), 422);
assert.equal(await status(octokit.actions.createOrUpdateRepoSecret(secret)), 201);
assert.equal(await status(octokit.actions.createOrUpdateRepoSecret(secret)), 204);

const protection = {
  ...repo, branch: 'main', enforce_admins: true, restrictions: null,
  required_status_checks: { strict: true, contexts: ['build'] }, required_pull_request_reviews: { required_approving_review_count: 1 },
};
const guarded = await octokit.repos.updateBranchProtection(protection);
assert.equal(guarded.data.enforce_admins.enabled, true);
const refused = octokit.repos.createOrUpdateFileContents({ ...change, path: 'late.txt' });
assert.equal(await status(refused), 409);

const all = await octokit.paginate(octokit.repos.listForOrg, { org: 'acme', per_page: 2 });
assert.equal(all.length, 6);
const once = await octokit.repos.get(repo);
assert.ok(Number(once.headers['x-ratelimit-remaining']) < 5000);
assert.equal(await status(octokit.request('GET /repos/{owner}/{repo}', { ...repo, headers: { 'if-none-match': once.headers.etag } })), 304);

await octokit.repos.update({ ...repo, name: 'orders-2' });
assert.equal((await octokit.repos.get(repo)).data.name, 'orders-2');
await octokit.repos.update({ owner: 'acme', repo: 'orders-2', archived: true });
assert.equal(await status(octokit.repos.replaceAllTopics({ owner: 'acme', repo: 'orders-2', names: ['x'] })), 403);
assert.equal(await status(octokit.repos.delete({ owner: 'acme', repo: 'orders-2' })), 204);
assert.equal(await status(octokit.repos.get(repo)), 404);
console.log('ok');
