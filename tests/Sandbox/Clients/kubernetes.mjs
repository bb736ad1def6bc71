import assert from 'node:assert/strict';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromString(JSON.stringify({
  apiVersion: 'v1', kind: 'Config', 'current-context': 's',
  clusters: [{ name: 's', cluster: { server: process.env.SANDBOX_KUBERNETES, 'insecure-skip-tls-verify': true } }],
  users: [{ name: 's', user: { token: process.env.SANDBOX_TOKEN } }],
  contexts: [{ name: 's', context: { cluster: 's', user: 's' } }],
}));
const core = config.makeApiClient(k8s.CoreV1Api);
const custom = config.makeApiClient(k8s.CustomObjectsApi);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const code = promise => promise.then(() => 200, error => error.code);

await core.createNamespace({ body: { metadata: { name: 'team-a', labels: { 'platform.io/team': 'payments' } } } });
assert.equal(await code(core.createNamespace({ body: { metadata: { name: 'team-a' } } })), 409);
assert.equal((await core.listNamespace({ labelSelector: 'platform.io/team in (payments, other)' })).items.length, 1);

const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'plan', namespace: 'team-a' }, spec: { hard: { pods: '10' } } };
const apply = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply);
const named = { name: 'plan', namespace: 'team-a' };
await core.patchNamespacedResourceQuota({ ...named, body: quota, fieldManager: 'platform', force: true }, apply);
await core.patchNamespacedResourceQuota({ ...named, body: [{ op: 'replace', path: '/spec/hard/pods', value: '99' }], fieldManager: 'hand' });
assert.equal(await code(core.patchNamespacedResourceQuota({ ...named, body: quota, fieldManager: 'platform' }, apply)), 409);

const read = await objects.read({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: named });
assert.equal(read.spec.hard.pods, '99');
const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'team', namespace: 'team-a' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'g' }],
};
await objects.create(binding);
assert.equal(await code(objects.create({ ...binding, metadata: { ...binding.metadata, name: 'bad' }, roleRef: { ...binding.roleRef, kind: 'Nothing' } })), 422);

const source = { group: 'source.toolkit.fluxcd.io', version: 'v1', namespace: 'team-a', plural: 'gitrepositories' };
const ready = new Promise((resolve, reject) => {
  const path = '/apis/source.toolkit.fluxcd.io/v1/namespaces/team-a/gitrepositories';
  new k8s.Watch(config).watch(path, {}, (type, item) => {
    const condition = item.status?.conditions?.find(c => c.type === 'Ready');
    if (condition?.status === 'True' && item.status.observedGeneration === item.metadata.generation) resolve(item);
  }, error => reject(error ?? new Error('the watch ended'))).catch(reject);
});
await core.createNamespacedSecret({ namespace: 'team-a', body: { metadata: { name: 'login' }, data: { password: 'c2VjcmV0' } } });
await custom.createNamespacedCustomObject({
  ...source,
  body: {
    apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata: { name: 'orders' },
    spec: { url: 'https://github.com/acme/golden-path-frontend', ref: { branch: 'main' }, interval: '1m', provider: 'generic', secretRef: { name: 'login' } },
  },
});
assert.match((await ready).status.artifact.revision, /^main@sha1:/);
await core.deleteNamespace({ name: 'team-a' });
assert.equal((await core.readNamespace({ name: 'team-a' })).status.phase, 'Terminating');
console.log('ok');
process.exit(0);
