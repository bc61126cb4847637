/**
 * Secrets cannot be printed by accident: {@link Secret} hides its value from every formatter, and
 * {@link scrubSecrets} removes registered values from text that is about to leave the process.
 */

const REDACTED = "[redacted]";
/** Shorter strings would blank out ordinary words; no key, token or URL credential is this short. */
const MIN_SCRUBBED_LENGTH = 8;

const registered = new Set<string>();

/** A value that must never reach a log, message, error, metric or page. Read it with {@link reveal}. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    registerSecret(value);
  }

  /** The value itself. Call it only where the value is used (signing, an Authorization header). */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** Makes {@link scrubSecrets} remove `value` (and its form without 0x) from all text from now on. */
export function registerSecret(value: string): void {
  const bare = value.startsWith("0x") ? value.slice(2) : value;
  if (bare.length >= MIN_SCRUBBED_LENGTH) registered.add(bare);
}

/**
 * Makes {@link scrubSecrets} remove what a URL hides in its user info, path and query: keys of RPC providers. Both as it is written in
 * the URL and as it is meant: an error may quote the one, a log the other.
 */
export function registerUrlSecrets(url: string): void {
  const parsed = new URL(url);
  for (const part of [parsed.username, parsed.password]) if (part !== "") registerWithForms(part);
  for (const segment of parsed.pathname.split("/")) if (looksLikeKey(segment)) registerWithForms(segment);
  for (const value of parsed.searchParams.values()) registerSecret(value);
  for (const pair of parsed.search.slice(1).split("&")) {
    const value = pair.slice(pair.indexOf("=") + 1);
    if (value !== "") registerWithForms(value);
  }
}

function registerWithForms(written: string): void {
  registerSecret(written);
  try {
    registerSecret(decodeURIComponent(written));
  } catch (error) {
    // A lone percent sign: it is meant as it is written.
    if (!(error instanceof URIError)) throw error;
  }
}

/** `text` without any registered secret. */
export function scrubSecrets(text: string): string {
  let clean = text;
  for (const secret of registered) {
    if (clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
  }
  return clean;
}

/** The part of a URL that may be shown: scheme and host, never user info, path or query. */
export function publicUrl(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}`;
}

/** Versions and network names in a path are short or plain words; anything else may be a key. */
function looksLikeKey(segment: string): boolean {
  return segment.length >= MIN_SCRUBBED_LENGTH && !/^[a-z-]{1,15}$/.test(segment);
}
