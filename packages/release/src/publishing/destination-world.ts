import { createHttpClient, type HttpClient } from '@waybill/core';
import type { DestinationWorld } from './create-destination';

interface Around {
  workspaceRoot: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** What destinations get to see. With `readOnly` no request can be sent that changes anything. */
export function worldOf({ workspaceRoot, environment }: Around, { readOnly, waybill }: { readOnly: boolean; waybill: string }): DestinationWorld {
  let client: HttpClient | undefined;
  return {
    workspaceRoot,
    environment,
    http: () => (client ??= createHttpClient({ readOnly, userAgent: `waybill/${waybill}`, env: environment })),
  };
}
