/** Reads the parameters of a request in each form that the Bot API takes: query, form, multipart, JSON with or without strings for numbers. */
import { badRequest } from "./refusal.ts";

export type Parameters = Readonly<Record<string, unknown>>;

export async function parametersOf(request: Request): Promise<Parameters> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method !== "POST") return query;
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    const text = await request.text();
    try {
      return { ...query, ...(text === "" ? {} : JSON.parse(text)) };
    } catch (error) {
      throw badRequest(`can't parse JSON object: ${String(error)}`);
    }
  }
  if (type.startsWith("multipart/form-data") || type.startsWith("application/x-www-form-urlencoded"))
    return { ...query, ...Object.fromEntries((await request.formData()).entries()) };
  return query;
}

export function integer(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name];
  if (value === undefined || value === "") return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw badRequest(`parameter "${name}" must be an integer`);
  return number;
}

export function text(parameters: Parameters, name: string): string {
  const value = parameters[name];
  return typeof value === "string" ? value : value === undefined ? "" : String(value);
}

/** A nested value: JSON itself, or JSON in a string. */
export function nested(parameters: Parameters, name: string): unknown {
  const value = parameters[name];
  if (typeof value !== "string") return value;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw badRequest(`can't parse ${name}: ${String(error)}`);
  }
}
