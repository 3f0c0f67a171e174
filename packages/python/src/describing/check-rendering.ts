import { join } from 'node:path';
import type { Finding, LibraryTools, Processes } from '@waybill/core';
import { restructuredText, type SdistFacts, type WheelFacts } from '@waybill/distributions';

export interface RenderingRequest {
  /** Of one build: a text that several share is rendered once. */
  distributions: readonly (SdistFacts | WheelFacts)[];
  /** `warn` makes a warning of what `strict` makes an error. */
  metadata: 'strict' | 'warn';
  /** Absolute path of the interpreter that runs docutils. */
  python: string;
  tools: LibraryTools;
  processes: Processes;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** What docutils says; empty when the text renders. `null`: of no line. */
interface Answer {
  line?: number | null;
  level?: string;
  message?: string;
}

/** Longer renderings hang. */
const LIMIT_MS = 120_000;
const SCRIPT = join(__dirname, 'inside/render-rst.py');

/**
 * `description`: whether reStructuredText renders as `twine check` has it render, by a docutils that is pinned by digest. Texts in Markdown and plain text need no
 * try and start no program. Without docutils (offline) that is a finding too: nothing passes untried. Throws `TOOL_DIGEST`, `PROCESS_START`.
 */
export async function checkRendering(request: RenderingRequest): Promise<Finding[]> {
  const texts = new Map<string, (SdistFacts | WheelFacts)[]>();
  for (const facts of request.distributions) {
    const text = restructuredText(facts.metadata);
    if (text !== undefined) texts.set(text, [...(texts.get(text) ?? []), facts]);
  }
  const findings: Finding[] = [];
  for (const [text, distributions] of texts) {
    const fault = await render(request, text);
    const level = request.metadata === 'warn' ? 'warning' : 'error';
    if (fault !== undefined)
      findings.push(...distributions.map((facts): Finding => ({ check: 'description', level, path: pathOf(facts), ...fault })));
  }
  return findings;
}

function pathOf(facts: SdistFacts | WheelFacts): string {
  return `${facts.fileName}/${facts.kind === 'sdist' ? `${facts.topFolders[0] ?? ''}/PKG-INFO` : `${facts.distInfos[0] ?? ''}/METADATA`}`;
}

type Fault = Pick<Finding, 'message' | 'fix'> & { actual?: string };

async function render({ python, tools, processes, environment, timeoutMs }: RenderingRequest, text: string): Promise<Fault | undefined> {
  const library = await tools.library('docutils').catch((cause: { code?: string; message: string; fix?: string }) => {
    if (!cause.code?.startsWith('TOOL_') || cause.code === 'TOOL_DIGEST') throw cause;
    return cause;
  });
  if (!('folder' in library)) {
    return {
      message: `Whether the description renders could not be tried: ${library.message}`,
      fix: library.fix ?? 'let Waybill provision docutils once',
    };
  }
  const result = await processes.run({
    file: python,
    args: ['-I', '-B', SCRIPT, library.folder],
    input: text,
    env: environment,
    timeoutMs: Math.min(timeoutMs, LIMIT_MS),
  });
  const answer = parseAnswer(result.stdout);
  if (result.exitCode !== 0 || answer === undefined) {
    const said = result.timedOut ? 'it did not end in time' : (result.stderr.trim().split('\n').at(-1) ?? '');
    return { message: 'Whether the description renders could not be tried', actual: said, fix: 'build with Python 3.9 or later' };
  }
  if (answer.message === undefined) return undefined;
  const where = typeof answer.line === 'number' ? ` (line ${answer.line})` : '';
  return {
    message: `The description does not render as reStructuredText${where}`,
    actual: answer.message,
    fix: 'correct the README, or name its type if it is Markdown: `readme = "README.md"`',
  };
}

function parseAnswer(output: string): Answer | undefined {
  return output.startsWith('{') ? (JSON.parse(output) as Answer) : undefined;
}
