import { defineExecutor } from '@waybill/plugin-kit';
import { notarize } from './notarize';

export default defineExecutor(async () => notarize);
