import { defineExecutor } from '@waybill/plugin-kit';
import { packageDist } from './package-dist';

export default defineExecutor(packageDist);
