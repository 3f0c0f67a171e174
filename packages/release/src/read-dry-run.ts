/** `--dry-run`, `--dryRun`, `--no-dry-run`, `-d`, each with or without `=value`. */
const FLAG = /^(?:--(?<no>no-)?(?:dry-run|dryRun)|-d)(?:=(?<value>.*))?$/;
const OFF = /^(false|0|no|off)$/i;

/**
 * Is the run dry? Every spelling that Nx takes counts, wherever it stands (behind `--` it reaches the named targets too), the last one
 * wins as it does for Nx, and any value that does not say no says yes: the wrong guess must be the harmless one. Without a flag the
 * variable NX_DRY_RUN decides.
 */
export function isDryRun(argv: readonly string[], variable: string | undefined): boolean {
  let dry = variable !== undefined && variable !== '' && !OFF.test(variable);
  argv.forEach((argument, index) => {
    const flag = FLAG.exec(argument)?.groups;
    if (!flag) return;
    const next = argv[index + 1];
    // yargs takes a separate `true` or `false` for the value of a flag
    const value = flag['value'] ?? (next === 'true' || next === 'false' ? next : 'true');
    dry = OFF.test(value) === (flag['no'] !== undefined);
  });
  return dry;
}
