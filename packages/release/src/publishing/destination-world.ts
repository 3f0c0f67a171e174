import { createHttpClient, type HttpClient } from '@waybill/core';
import type { IndexInstaller } from '@waybill/publishing';
import type { DestinationWorld } from './create-destination';

type Around = Pick<DestinationWorld, 'workspaceRoot' | 'environment' | 'tools' | 'name'>;

interface Access {
  readOnly: boolean;
  /** Version of Waybill. */
  waybill: string;
  files: DestinationWorld['files'];
  installer?: IndexInstaller;
}

/** What destinations get to see. With `readOnly` no request can be sent that changes anything. */
export function worldOf({ workspaceRoot, environment, tools, name }: Around, { readOnly, waybill, ...given }: Access): DestinationWorld {
  let client: HttpClient | undefined;
  return {
    workspaceRoot,
    environment,
    tools,
    name,
    ...given,
    http: () => (client ??= createHttpClient({ readOnly, userAgent: `waybill/${waybill}`, env: environment })),
  };
}
