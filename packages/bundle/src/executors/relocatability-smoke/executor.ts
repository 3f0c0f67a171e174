import { defineExecutor } from '@waybill/plugin-kit';

export default defineExecutor(async () => (await import('./relocatability-smoke')).relocatabilitySmoke);
