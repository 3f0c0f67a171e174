import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const CHOICES = ['rust-toolchain', 'rust-toolchain.toml'] as const;

/**
 * The program that rustup's stand-in for it starts where nothing but the default toolchain is chosen; else the path as it is, and rustup is asked.
 * Source: "Overrides" in the rustup book: variable, directory overrides, toolchain files, default. Starts nothing.
 */
export function behindRustup(file: string, variables: Readonly<Record<string, string | undefined>>, folder: string): string {
  if (!existsSync(join(dirname(file), 'rustup')) || variables['RUSTUP_TOOLCHAIN'] || isChosenByFile(folder)) return file;
  const home = variables['RUSTUP_HOME'] || join(variables['HOME'] || homedir(), '.rustup');
  const settings = join(home, 'settings.toml');
  const text = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  const name = /^default_toolchain = "([^"\\/]+)"$/m.exec(text)?.[1];
  const hasOverrides = /^\[overrides\]\s*\S/m.test(text) || /^overrides\b/m.test(text);
  const real = name === undefined || hasOverrides ? undefined : join(home, 'toolchains', name, 'bin', basename(file));
  return real !== undefined && existsSync(real) ? real : file;
}

function isChosenByFile(folder: string): boolean {
  if (CHOICES.some((name) => existsSync(join(folder, name)))) return true;
  return dirname(folder) !== folder && isChosenByFile(dirname(folder));
}
