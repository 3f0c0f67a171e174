/**
 * How macOS seals a file of a bundle, by its path in `Contents` or in the version of a framework. `nested`: as code of its own, by its code directory. `omitted`: not at all.
 * `optional`: a translation, which may be taken out.
 */
export type SealKind = 'resource' | 'optional' | 'nested' | 'omitted';

/** Heaviest first: `rules2` as codesign writes them, whatever a seal itself names as its rules. */
const RULES: readonly (readonly [RegExp, SealKind])[] = [
  [/^(.*\/)?\.DS_Store$/, 'omitted'],
  [/^Resources\/.*\.lproj\/locversion.plist$/, 'omitted'],
  [/^Resources\/Base\.lproj\//, 'resource'],
  [/^Resources\/.*\.lproj\//, 'optional'],
  [/^(Info\.plist|PkgInfo)$/, 'omitted'],
  [/^(version\.plist|embedded\.provisionprofile)$/, 'resource'],
  [/^Resources\//, 'resource'],
  [/\.dSYM($|\/)/, 'resource'],
  [/^[^/]+$/, 'nested'],
  [/^(Frameworks|SharedFrameworks|PlugIns|Plug-ins|XPCServices|Helpers|MacOS|Library\/(Automator|Spotlight|LoginItems))\//, 'nested'],
];
/** The seal itself, the ticket of a notarization, the receipt of a shop. */
const ITSELF = /^(_CodeSignature\/|CodeResources$|_MASReceipt\/)/;

export function sealKindOf(path: string): SealKind {
  if (ITSELF.test(path)) return 'omitted';
  return RULES.find(([pattern]) => pattern.test(path))?.[1] ?? 'resource';
}
