import { join } from 'node:path';
import { managedFolderOf } from '@waybill/core/managed-folder';
import { type AnswerMemory, openMemory } from './answer-memory';

/** What tools and interpreters of this machine said before, kept beside the tools that Waybill provisions. */
export const openAnswers = (variables: Readonly<Record<string, string | undefined>>): AnswerMemory =>
  openMemory(join(managedFolderOf(variables), 'answers.json'));
