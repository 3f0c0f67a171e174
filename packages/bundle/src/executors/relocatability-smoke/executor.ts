import { defineExecutor } from '@waybill/plugin-kit';
import { smokeStageOf } from './relocatability-smoke';

export default defineExecutor(async (targetName) => smokeStageOf(targetName));
