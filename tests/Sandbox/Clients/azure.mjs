import assert from 'node:assert/strict';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import { ManagedServiceIdentityClient } from '@azure/arm-msi';
import { ResourceManagementClient } from '@azure/arm-resources';

const { SANDBOX_AZURE: endpoint, SANDBOX_SUBSCRIPTION: subscription, SANDBOX_TENANT: tenant } = process.env;
const credential = {
  async getToken(scopes) {
    const form = new URLSearchParams({
      grant_type: 'client_credentials', client_id: process.env.SANDBOX_CLIENT, client_secret: process.env.SANDBOX_SECRET, scope: [scopes].flat()[0],
    });
    const answer = await (await fetch(`${endpoint}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })).json();
    return { token: answer.access_token, expiresOnTimestamp: Date.now() + answer.expires_in * 1000 };
  },
};
const options = { endpoint, retryOptions: { maxRetries: 0 }, updateIntervalInMs: 20 };
const resources = new ResourceManagementClient(credential, subscription, options);
const vaults = new KeyVaultManagementClient(credential, subscription, options);
const identities = new ManagedServiceIdentityClient(credential, subscription, options);
const roles = new AuthorizationManagementClient(credential, subscription, options);
const code = promise => promise.then(() => 'ok', error => error.code);

const group = await resources.resourceGroups.createOrUpdate('rg-js', { location: 'uksouth', tags: { team: 'payments' } });
assert.equal(group.properties.provisioningState, 'Succeeded');
assert.equal((await resources.resourceGroups.checkExistence('rg-js')).body, true);

const wanted = { location: 'uksouth', properties: { tenantId: tenant, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true } };
const vault = await vaults.vaults.createOrUpdate('rg-js', 'kv-js', wanted);
assert.equal(vault.properties.provisioningState, 'Succeeded');
await vaults.vaults.delete('rg-js', 'kv-js');
assert.equal(await code(vaults.vaults.createOrUpdate('rg-js', 'kv-js', wanted)), 'ConflictError');
assert.equal((await vaults.vaults.getDeleted('kv-js', 'uksouth')).properties.vaultId, vault.id);
await vaults.vaults.purgeDeleted('kv-js', 'uksouth');

const identity = await identities.userAssignedIdentities.createOrUpdate('rg-js', 'id-js', { location: 'uksouth' });
const federation = { issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:acme@1/orders@2:environment:dev', audiences: ['api://AzureADTokenExchange'] };
await identities.federatedIdentityCredentials.createOrUpdate('rg-js', 'id-js', 'github', federation);
const both = await Promise.all(['a-1', 'b-1'].map(name =>
  code(identities.federatedIdentityCredentials.createOrUpdate('rg-js', 'id-js', name, { ...federation, subject: name }))));
assert.deepEqual(both.sort(), ['ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity', 'ok']);

const assignment = {
  principalId: identity.principalId,
  roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d`,
};
const name = '66f87b3d-aea4-5ff3-8326-aeb8c8662fc9';
assert.equal(await code(roles.roleAssignments.create(group.id, name, assignment)), 'PrincipalNotFound');
await roles.roleAssignments.create(group.id, name, { ...assignment, principalType: 'ServicePrincipal' });
assert.equal((await roles.roleAssignments.get(group.id, name)).principalId, identity.principalId);
await resources.resourceGroups.beginDeleteAndWait('rg-js');
assert.equal((await resources.resourceGroups.checkExistence('rg-js')).body, false);
console.log('ok');
