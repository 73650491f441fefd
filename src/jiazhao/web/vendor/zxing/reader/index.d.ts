// Written here, for the parts that the pages use; the package's own types come in a dozen files.

/** What was read; `bytes` are the code's own, `text` is a guess at their characters. */
export interface ReadResult {
  readonly isValid: boolean;
  readonly bytes: Uint8Array;
}

export interface ReaderOptions {
  formats?: readonly string[];
  tryHarder?: boolean;
  tryRotate?: boolean;
  tryInvert?: boolean;
  tryDownscale?: boolean;
  maxNumberOfSymbols?: number;
}

export function prepareZXingModule(options: {
  overrides: { locateFile: (file: string) => string };
  fireImmediately: true;
}): Promise<unknown>;

export function readBarcodes(input: ImageData, options?: ReaderOptions): Promise<ReadResult[]>;
