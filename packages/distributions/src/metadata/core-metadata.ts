/** METADATA of a wheel or PKG-INFO of an sdist (PyPA core metadata), fields as written. */
export interface CoreMetadata {
  metadataVersion?: string;
  name?: string;
  version?: string;
  summary?: string;
  /** Text of the description, from the header or the body. */
  description?: string;
  /** Media type with parameters, as written: `text/markdown; charset=UTF-8; variant=GFM`. */
  descriptionContentType?: string;
  requiresPython?: string;
  requiresDist: readonly string[];
  providesExtra: readonly string[];
  licence?: string;
  licenceExpression?: string;
  licenceFiles: readonly string[];
  classifiers: readonly string[];
  dynamic: readonly string[];
  /** Every header in order, names as written. */
  headers: readonly { name: string; value: string }[];
}

/** The WHEEL file (PEP 427). */
export interface WheelFile {
  wheelVersion?: string;
  generator?: string;
  rootIsPurelib?: boolean;
  /** `py3-none-any`, one a line. */
  tags: readonly string[];
  build?: string;
}

/** A line of entry_points.txt. */
export interface EntryPoint {
  /** `console_scripts`, `gui_scripts`, or a plugin group. */
  group: string;
  name: string;
  /** `package.module:function`, extras gone. */
  target: string;
}
