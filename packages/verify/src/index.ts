export { verifyDelivery } from './verify-delivery';
export type { FileRow, Verification, VerifyRequest } from './report/verification';
export { parseKeys, type TrustedKey } from './keys/trusted-keys';
export { verifyErrors } from './errors/verify-errors';
