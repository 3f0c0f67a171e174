import { defineBatchExecutor } from '@waybill/plugin-kit';
import { buildWheel } from './build-wheel';

export default defineBatchExecutor(buildWheel);
