import { defineExecutor } from '@waybill/plugin-kit';
import { buildWheel } from './build-wheel';

export default defineExecutor(buildWheel);
