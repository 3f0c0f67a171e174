import { signingErrors } from '../../errors/signing-errors';
import { storeText, type StoreKey } from './jsign';

/** PKCS#12 and JKS by Java, PKCS#11 by its library, cards by jsign itself. */
const WRONG_PASSWORD = /password was incorrect|CKR_PIN_INCORRECT|PIN verification failed/i;
const FIRST_LINE = /^jsign: (.*)$/m;

/** jsign tells what is wrong with a key store by words alone. `SIGN_PASSWORD_…`, `SIGN_STORE`. */
export function explainStore(said: string, key: StoreKey, passwordVariable: string | undefined): Error {
  const variable = storeText(key);
  if (WRONG_PASSWORD.test(said))
    return key.password === undefined
      ? signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable })
      : signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
  const causes = [...said.matchAll(/^Caused by: (?:[\w.$]+: )?(.*)$/gm)].map(([, text]) => text!);
  return signingErrors.error('SIGN_STORE', { tool: 'jsign', store: variable, said: [FIRST_LINE.exec(said)?.[1] ?? said, ...causes] });
}
