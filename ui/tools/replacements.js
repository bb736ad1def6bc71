/**
 * Puts files of ours in the place of some of a package's: whatever imports a module whose path ends so gets ours.
 * @param {Record<string, string>} table End of the imported path, and the file to take instead.
 */
export const replacements = (table) => ({
  name: 'replacements',
  enforce: 'pre',
  resolveId(source) {
    const end = Object.keys(table).find((path) => source.endsWith(path));
    return end ? table[end] : null;
  },
});
