import { sveltekit } from '@sveltejs/kit/vite';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { licenses } from './tools/licenses.js';
import { replacements } from './tools/replacements.js';

const ours = (path) => fileURLToPath(new URL(`./src/lib/${path}`, import.meta.url));

export default defineConfig({
  plugins: [
    replacements({
      // Monaco is fifteen megabytes of editor for one text field of the details.
      'holocene/monaco/editor.svelte': ours('editor.svelte'),
      // Theirs shows a page of the UI's own server in a frame, and knows no tables.
      'holocene/monaco/markdown.svelte': ours('markdown.svelte'),
    }),
    sveltekit(),
    licenses({ file: 'licenses.txt', alsoPackages: ['tailwindcss', 'svelte'] }),
  ],
  define: {
    'import.meta.env.VITE_API': '""',
    'import.meta.env.VITE_TEMPORAL_UI_BUILD_TARGET': '"local"',
  },
});
