import '$lib/i18n';

export const ssr = false;
