import { defineExecutor } from '@waybill/plugin-kit';
import { prepareRuntimeStage } from './prepare-runtime';

export default defineExecutor(prepareRuntimeStage);
