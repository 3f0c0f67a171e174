import { defineExecutor } from '@waybill/plugin-kit';
import { publishStage } from './publish';

export default defineExecutor(publishStage);
