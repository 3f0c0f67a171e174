/** A command line that downloads a file under its name: curl itself would take an encoded `+` of a local version for a part of it. */
export const downloadLine = (url: string, name: string): string => (url.endsWith(`/${name}`) ? `curl -fLO ${url}` : `curl -fL -o ${name} ${url}`);
