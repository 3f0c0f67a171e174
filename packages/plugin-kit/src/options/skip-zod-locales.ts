import Module from 'node:module';

/**
 * zod loads the translations of its messages into 60 languages with itself: 18 of its 40 ms, paid by every task that runs. Waybill words
 * problems itself, so that an empty list stands in their place. To be imported before zod; where zod is loaded already, it does nothing.
 */
function skipZodLocales(): void {
  const path = require.resolve('zod/v4/locales');
  if (require.cache[path]) return;
  const empty = new Module(path);
  empty.loaded = true;
  require.cache[path] = empty;
}

skipZodLocales();
