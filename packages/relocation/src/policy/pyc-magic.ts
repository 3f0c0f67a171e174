/** Magic numbers of released CPython series (Lib/importlib/_bootstrap_external.py of each): the first 16 bits of every .pyc. */
export const PYC_MAGIC: Readonly<Record<string, number>> = {
  '3.7': 3394,
  '3.8': 3413,
  '3.9': 3425,
  '3.10': 3439,
  '3.11': 3495,
  '3.12': 3531,
  '3.13': 3571,
  '3.14': 3627,
};
