/** Texts that leave the network open. Whatever else stands there closes it: who sets the variable means that. */
const OPEN = /^(|0|false|no|off)$/i;

/** What `WAYBILL_OFFLINE` says, everywhere the same: no tool is downloaded, no build or installation has a network. */
export const isOffline = (variables: Readonly<Record<string, string | undefined>>): boolean => !OPEN.test(variables['WAYBILL_OFFLINE']?.trim() ?? '');
