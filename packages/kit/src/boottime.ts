/**
 * CLOCK_BOOTTIME: monotonic, and running on while the host sleeps. A lease must end for a suspended holder as it ends for
 * everybody else, and Bun's `performance.now()` stops in suspend.
 */

import { dlopen, FFIType, ptr } from "bun:ffi";
import { readFileSync } from "node:fs";

/** linux/time.h */
const CLOCK_BOOTTIME = 7;
const C_LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** Milliseconds since boot, sleep included; on a system without such a clock, of the monotonic one. */
export const boottimeMs: () => number = openBoottime();

function openBoottime(): () => number {
  if (process.platform !== "linux") return () => performance.now();
  return (
    C_LIBRARIES.map(byLibrary).find((read) => read !== undefined) ?? byProc() ?? (() => performance.now())
  );
}

/** 0.13 µs a call. */
function byLibrary(library: string): (() => number) | undefined {
  try {
    const { symbols } = dlopen(library, {
      clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
    });
    const timespec = new BigInt64Array(2);
    const address = ptr(timespec);
    // `timespec` lives as long as this function does, and so does its address.
    const read = () => {
      symbols.clock_gettime(CLOCK_BOOTTIME, address);
      return Number(timespec[0]) * 1_000 + Number(timespec[1]) / 1e6;
    };
    return read() > 0 ? read : undefined;
  } catch {
    // Not this C library, or no right to load it: another way follows.
    return undefined;
  }
}

/** Resolution 10 ms; proc(5): the uptime includes time spent in suspend. */
function byProc(): (() => number) | undefined {
  const read = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1_000;
  try {
    return read() > 0 ? read : undefined;
  } catch {
    return undefined;
  }
}
