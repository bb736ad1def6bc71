/** The ways in which a history can be shown. */
export const match = (view: string): boolean => ['feed', 'compact', 'json'].includes(view);
