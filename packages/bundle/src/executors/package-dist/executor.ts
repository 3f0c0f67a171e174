import { defineExecutor } from '@waybill/plugin-kit';

export default defineExecutor(async () => (await import('./package-dist')).packageDist);
