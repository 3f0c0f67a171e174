import { defineExecutor } from '@waybill/plugin-kit';
import { checksumStage } from './checksum';

export default defineExecutor(checksumStage);
