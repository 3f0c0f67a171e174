import { table, type Table } from './project-facts';

/** Files in the project that a backend writes anew in each build because its settings say so: modules that hold the version. */
export function generatedFiles(manifest: Table): readonly string[] {
  const tool = table(manifest['tool']);
  const hooks = table(table(table(tool['hatch'])['build'])['hooks']);
  const named = [
    table(tool['setuptools_scm'])['version_file'],
    table(tool['setuptools_scm'])['write_to'],
    table(tool['setuptools-scm'])['version_file'],
    table(hooks['vcs'])['version-file'],
    table(table(tool['pdm'])['version'])['write_to'],
    table(table(tool['versioningit'])['write'])['file'],
  ];
  return named.filter((path): path is string => typeof path === 'string');
}
