import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

/** The folder of the package that a module belongs to; null for what is ours or virtual. */
const folderOf = (id) => {
  const path = id.replace(/^\0/, '').split('?')[0];
  const last = path.lastIndexOf('/node_modules/');
  if (last < 0) return null;
  const [scope, name] = path.slice(last + '/node_modules/'.length).split('/');
  return path.slice(0, last) + '/node_modules/' + (scope.startsWith('@') ? `${scope}/${name}` : scope);
};

const describe = (folder) => {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (!texts.length && !manifest.license) throw new Error(`${manifest.name} says nothing of its licence`);
  return { name: manifest.name, version: manifest.version, license: manifest.license ?? 'see below', text: texts.join('\n\n') };
};

/**
 * Writes the licences of every package that something of the built pages comes from.
 * @param {{ file: string, alsoPackages: string[] }} options Name of the file, and packages whose work is in the pages though no module of theirs is.
 */
export const licenses = ({ file, alsoPackages }) => {
  let config;
  return {
    name: 'licenses',
    configResolved(resolved) {
      config = resolved;
    },
    generateBundle() {
      if (config.build.ssr) return;
      const folders = new Set(alsoPackages.map((name) => join(config.root, 'node_modules', name)));
      for (const id of this.getModuleIds()) {
        const folder = folderOf(id);
        if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder);
      }

      const packages = [...folders].map(describe).sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
      const source = packages
        .map(({ name, version, license, text }) => `${RULE}\n${name} ${version} (${license})\n${RULE}\n\n${text || `Licensed under ${license}.`}\n`)
        .join('\n');
      this.emitFile({ type: 'asset', fileName: file, source });
    },
  };
};
