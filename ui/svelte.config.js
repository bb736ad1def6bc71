import adapter from '@sveltejs/adapter-static';
import { sveltePreprocess } from 'svelte-preprocess';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: sveltePreprocess({ postcss: true }),
  kit: {
    // One page for every address; what it shows is decided in the browser.
    adapter: adapter({ fallback: 'index.html' }),
    prerender: { entries: [] },
    // Not the time of the build: the same sources give the same pages.
    version: { name: 'onramp' },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self'],
        // Components place and animate things by style attributes.
        'style-src': ['self', 'unsafe-inline'],
        'img-src': ['self', 'data:'],
        'font-src': ['self', 'data:'],
        // What moves while something is loaded is a film.
        'media-src': ['self'],
        // Codec servers, which decrypt payloads for whoever may read them, have addresses of their own.
        'connect-src': ['self', 'https:', 'http://localhost:*', 'http://127.0.0.1:*'],
        'base-uri': ['none'],
        'form-action': ['none'],
      },
    },
  },
};
