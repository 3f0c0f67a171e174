import { defineExecutor } from '@waybill/plugin-kit';
import { signStageOf } from './sign';

export default defineExecutor(async (targetName) => signStageOf(targetName));
