/** Time-based one-time passwords, RFC 6238 with its defaults: SHA-1, 6 digits, steps of 30 s from the epoch. */
import { createHmac, timingSafeEqual } from "node:crypto";

const STEP_S = 30;
const DIGITS = 6;
/** One step either way: RFC 6238 section 5.2. */
const TOLERATED_STEPS = [0, -1, 1];
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @returns undefined for what is no base32 (RFC 4648; padding, spaces and case do not matter). */
export function decodeBase32(text: string): Uint8Array | undefined {
  const clean = text.replaceAll(/[\s=]/g, "").toUpperCase();
  const bytes: number[] = [];
  let bits = 0;
  let buffer = 0;
  for (const letter of clean) {
    const value = BASE32.indexOf(letter);
    if (value < 0) return undefined;
    buffer = (buffer << 5) | value;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((buffer >> bits) & 0xff);
    buffer &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}

/** The password of a step. */
export function totpAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(value % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * The step that `password` belongs to around `wallMs`, or undefined when it is wrong. A step must be accepted once only: the
 * caller remembers it.
 */
export function matchingStep(base32Secret: string, password: string, wallMs: number): number | undefined {
  const secret = decodeBase32(base32Secret);
  const given = password.replaceAll(/\s/g, "");
  if (secret === undefined || !/^\d{6}$/.test(given)) return undefined;
  const now = Math.floor(wallMs / 1000 / STEP_S);
  return TOLERATED_STEPS.map((shift) => now + shift).find((step) =>
    timingSafeEqual(Buffer.from(totpAt(secret, step)), Buffer.from(given)),
  );
}
