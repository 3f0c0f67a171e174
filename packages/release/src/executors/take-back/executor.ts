import { defineExecutor } from '@waybill/plugin-kit';
import { takeBackStage } from './take-back';

export default defineExecutor(takeBackStage);
