import { mkdir, rm } from 'node:fs/promises';
import { hasRoomInMemory, makeFolderInMemory, removeWorkFolder } from './work-folder';

/** What a Python takes while it is prepared, its debug data included: the largest builds have 200 MB. */
export const RUNTIME_BYTES = 256 * 1024 ** 2;

export interface ScratchRequest {
  /** Absolute; need not exist. What is made lies below it when it does not lie in memory. */
  onDisk: string;
  /** Of the folder in memory. */
  name: string;
  /** What will be written, as far as it is known. */
  bytes: number;
  /** A folder for temporary files that the user chose, or a result that is renamed out of it, keeps it from memory. */
  mayUseMemory: boolean;
}

/** Where a tree is made that does not outlive the run. */
export class Scratch {
  private constructor(
    private readonly request: ScratchRequest,
    private inMemory: string | undefined,
  ) {}

  static async open(request: ScratchRequest): Promise<Scratch> {
    return new Scratch(request, request.mayUseMemory ? await makeFolderInMemory(request.name, request.bytes) : undefined);
  }

  /** Absolute; it exists when it lies in memory. */
  get folder(): string {
    return this.inMemory ?? this.request.onDisk;
  }

  get isInMemory(): boolean {
    return this.inMemory !== undefined;
  }

  /** Is there room for `bytes` more than was known at first? On a disk there is. */
  async hasRoomFor(bytes: number): Promise<boolean> {
    return !this.isInMemory || hasRoomInMemory(this.request.bytes + bytes);
  }

  /** From now on on the disk; what was in memory is gone. */
  async leaveMemory(): Promise<void> {
    if (this.inMemory !== undefined) await removeWorkFolder(this.inMemory);
    this.inMemory = undefined;
  }

  async remove(): Promise<void> {
    await this.leaveMemory();
    await rm(this.request.onDisk, { recursive: true, force: true });
  }
}

/** The scratch for as long as `work` takes. */
export async function withScratch<T>(request: ScratchRequest, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const scratch = await Scratch.open(request);
  try {
    await mkdir(scratch.folder, { recursive: true });
    return await work(scratch);
  } finally {
    await scratch.remove();
  }
}
