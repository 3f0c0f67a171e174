import { z } from 'zod';
import { generatorOptions } from '../define-generator';
import { refuseKeyWithoutKind, signingFields } from '../targets/release-options';

/** Options of every generator that makes a project. */
export const newProjectOptions = z
  .strictObject({
    ...generatorOptions,
    directory: z
      .string()
      .min(1)
      .meta({
        $default: { $source: 'argv', index: 0 },
        'x-prompt': 'In which folder?',
        description: 'Folder of the new project, relative to the workspace. Example: `apps/hello`',
      }),
    name: z.string().min(1).optional().describe('Name of the project and its distribution; by default that of the folder. Example: `hello`'),
    ...signingFields,
    skipPackageJson: z.boolean().default(false).describe('Leave package.json as it is'),
  })
  .superRefine(refuseKeyWithoutKind);

export type NewProjectOptions = z.output<typeof newProjectOptions>;
