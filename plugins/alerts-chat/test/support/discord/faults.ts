/** What goes wrong over HTTP, for chosen routes and as often as a test says. */
export type Fault =
  | {
      readonly kind: "rate-limit";
      readonly retryAfterS: number;
      /** Of all routes, or of this one. */
      readonly isGlobal?: boolean;
    }
  | { readonly kind: "status"; readonly status: number }
  /** Something else than Discord answers, and calls it a success. */
  | { readonly kind: "garbage"; readonly body: string; readonly contentType: string }
  /** No answer ever. */
  | { readonly kind: "hang" }
  /** Takes effect, and the answer is lost. */
  | { readonly kind: "lose-answer" };

export const serverError: Fault = { kind: "status", status: 502 };
export const unauthorizedFault: Fault = { kind: "status", status: 401 };

export class Faults {
  readonly #byRoute = new Map<string, { readonly fault: Fault; left: number }>();

  /** `route` `*` means each. */
  add(route: string, fault: Fault, times: number): void {
    this.#byRoute.set(route, { fault, left: times });
  }

  clear(): void {
    this.#byRoute.clear();
  }

  next(route: string): Fault | undefined {
    const entry = this.#byRoute.get(route) ?? this.#byRoute.get("*");
    if (entry === undefined || entry.left <= 0) return undefined;
    entry.left--;
    return entry.fault;
  }
}
