import { defineExecutor } from '@waybill/plugin-kit';
import { relocatabilitySmoke } from './relocatability-smoke';

export default defineExecutor(relocatabilitySmoke);
