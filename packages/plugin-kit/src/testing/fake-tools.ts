import { WaybillError, type ResolvedTool, type Tools } from '@waybill/core';

/** Tools that are all found on PATH, with the versions given by id; another one is `TOOL_MISSING`. */
export function fakeTools(versions: Readonly<Record<string, string>>): Tools {
  return {
    async resolve({ id, install }, explicitPath): Promise<ResolvedTool> {
      const version = versions[id];
      if (version === undefined) throw new WaybillError('TOOL_MISSING', { message: `The tool \`${id}\` was not found`, fix: install });
      const place =
        explicitPath === undefined ? { path: `/fake/bin/${id}`, source: 'path' as const } : { path: explicitPath, source: 'option' as const };
      return { id, version, prefixArgs: [], ...place };
    },
  };
}
