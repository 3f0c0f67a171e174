/** A package index (PyPI’s upload API and the simple API). */
export const indexErrorTexts = {
  PUBLISH_INDEX_CREDENTIAL: (a: { id: string; status: number; said: readonly string[]; user?: string | undefined }) => ({
    message: `\`${a.id}\` does not let this credential write there (HTTP ${a.status})`,
    details: [...(a.user === undefined ? [] : [`sent for the user \`${a.user}\``]), ...a.said],
    fix:
      (a.user === undefined ? '' : 'say whose token or password it is (`user`), or ') +
      'make a token that may upload to this project; expired and revoked tokens are answered the same way, and a token for one project cannot make another',
  }),
  PUBLISH_INDEX_ADDRESS: (a: { id: string; status: number; said: readonly string[] }) => ({
    message: `\`${a.id}\` takes no uploads at its address (HTTP ${a.status})`,
    details: a.said,
    fix: 'correct `repository`: it is the address that tools upload to, often with a slash at its end, and not that of the pages',
  }),
  PUBLISH_INDEX_BURNT: (a: { id: string; name: string; said: readonly string[] }) => ({
    message: `The name \`${a.name}\` was used at \`${a.id}\` before and deleted: it is never free again`,
    details: a.said,
    fix: 'release a new version',
  }),
  PUBLISH_INDEX_REFUSED: (a: { id: string; name: string; status: number; said: readonly string[]; attested?: boolean }) => ({
    message: `\`${a.id}\` refused \`${a.name}\` (HTTP ${a.status})`,
    details: a.said,
    fix: `${a.attested ? 'if it is the attestation that it does not take, set `"attestations": "off"`; else ' : ''}mend what the index says and release it again; what it took already stays, and the same bytes are not sent twice`,
  }),
  PUBLISH_INDEX_READ: (a: { id: string; status: number; what: string }) => ({
    message: `\`${a.id}\` does not show ${a.what} (HTTP ${a.status})`,
    fix: 'correct `simple`, the address of its simple API, or give a credential that may read; nothing is sent to an index whose state is unknown',
  }),
  PUBLISH_INDEX_SIMPLE: (a: { id: string; url: string; reason: string }) => ({
    message: `\`${a.id}\` has no simple API at its address: ${a.reason}`,
    details: [`asked ${a.url}`],
    fix: 'correct `simple`, the address of the list of projects, relative to `repository` or absolute (devpi: `+simple/`); it tells whether a version is there already',
  }),
  PUBLISH_INDEX_PAGE: (a: { id: string; reason: string }) => ({
    message: `\`${a.id}\` answers with a page that is none of the simple API: ${a.reason}`,
    fix: 'correct `simple`: it is the address of the list of projects (PEP 503 or PEP 691)',
  }),
  PUBLISH_INDEX_METADATA: (a: { name: string; field: string }) => ({
    message: `The metadata of \`${a.name}\` has no \`${a.field}\``,
    fix: 'build the distribution again with a backend that writes complete metadata',
  }),
};
