/** What operators can change for a while, by the rules of the variable that each stands in for. Pure. */
import { OVERRIDE_NAMES, type OverrideName, publicUrl, registerUrlSecrets } from "@jeju-oracle/kit";

/** For people: of a URL only scheme and host. A value that is no URL where one belongs is not shown. */
export function shownOverride(name: OverrideName, value: string): string {
  if (!isEndpoint(name)) return value;
  const parts = value.split(",").map((part) => part.trim());
  for (const part of parts) if (URL.canParse(part)) registerUrlSecrets(part);
  return parts.map((part) => (URL.canParse(part) ? publicUrl(part) : "[no URL]")).join(",");
}

export function isEndpoint(name: OverrideName): boolean {
  return name === "extra-base-rpc" || name === "extra-jeju-rpc";
}

export function isOverrideName(name: string): name is OverrideName {
  return OVERRIDE_NAMES.some((known) => known === name);
}
