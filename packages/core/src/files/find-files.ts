export async function findFiles(_patterns: readonly string[], _options: { cwd: string; dot?: boolean }): Promise<string[]> {
  throw new Error('not yet');
}
