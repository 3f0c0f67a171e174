import { provesByUpload } from '../plan/publish-plan';
import type { Delivery } from './publish-request';

/**
 * Who may begin. A destination whose rights only its first file shows takes that one before anything goes anywhere else: a credential that is not
 * taken is found while nothing is public. Open at once where there is none, or nothing to send there.
 */
export class Opening {
  readonly #unproved: Set<string>;
  readonly #open: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor(deliveries: readonly Delivery[]) {
    this.#unproved = new Set(deliveries.filter(({ plan }) => provesByUpload(plan)).map(({ plan }) => plan.id));
    this.#open = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (this.#unproved.size === 0) this.#resolve();
  }

  /** It took a file. */
  proved(id: string): void {
    this.#unproved.delete(id);
    if (this.#unproved.size === 0) this.#resolve();
  }

  /** Nothing more is proved in this run. */
  close(): void {
    this.#resolve();
  }

  /** Gives who is not proved yet when nothing more will be: then nobody else begins. */
  async wait(): Promise<readonly string[]> {
    await this.#open;
    return [...this.#unproved];
  }
}
