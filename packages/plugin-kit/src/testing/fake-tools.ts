import { WaybillError, type LibraryTools, type ResolvedTool } from '@waybill/core';

/** Tools that are all found on PATH, with the versions given by id; another one is `TOOL_MISSING`. */
export function fakeTools(versions: Readonly<Record<string, string>>): LibraryTools {
  return {
    versionOf: async ({ id }) => versions[id] ?? 'missing',
    async resolve({ id, install }, explicitPath): Promise<ResolvedTool> {
      const version = versions[id];
      if (version === undefined) throw new WaybillError('TOOL_MISSING', { message: `The tool \`${id}\` was not found`, fix: install });
      const place =
        explicitPath === undefined ? { path: `/fake/bin/${id}`, source: 'path' as const } : { path: explicitPath, source: 'option' as const };
      return { id, version, prefixArgs: [], ...place };
    },
    async library(name) {
      const version = versions[name];
      if (version === undefined) throw new WaybillError('TOOL_OFFLINE', { message: `\`${name}\` is missing`, fix: `pip install ${name}` });
      return { version, folder: `/fake/libraries/${name}` };
    },
  };
}
