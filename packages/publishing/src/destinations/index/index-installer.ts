import type { Secret } from '@waybill/core';
import type { PublishFile, TriedOut } from '../../destination';

export interface InstallRequest {
  id: string;
  /** PEP 440 form. */
  version: string;
  /** The simple API, with a slash at its end. */
  simpleUrl: string;
  /** Where reading needs leave too. */
  login?: { user: string; password: Secret };
  /** Wheels that were published there, for any platform. */
  wheels: readonly PublishFile[];
}

/** Installs what an index gives, by digest, into an environment that holds nothing else. A port: it starts programs. */
export interface IndexInstaller {
  /** Finds what it needs, before the first byte is sent (`TOOL_…`, `PUBLISH_NO_PYTHON`). */
  prepare(id: string): Promise<void>;
  /** `untried`: no wheel is for this machine. Throws `PUBLISH_INSTALL` when what is offered does not work. */
  install(request: InstallRequest): Promise<TriedOut>;
}
