import { isPlainHost, tagOf } from './oci-config';

/** Gets the files of a release with oras, into `folder` or the current one. `repository` is `host[:port]/path`. */
export function pullCommand(repository: string, version: string, folder?: string): string {
  const plain = isPlainHost(repository.split('/')[0]!) ? ' --plain-http' : '';
  return `oras pull${plain}${folder === undefined ? '' : ` --output ${folder}`} ${repository}:${tagOf(version)}`;
}
