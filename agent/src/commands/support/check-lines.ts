/** Checks of runbooks, for people and for scripts. Pure. */
import { type Checked, signOf } from "@jeju-oracle/plugin-alerts-chat/operator";

export function checkLine(checked: Checked): string {
  return `  ${signOf(checked)} ${checked.title}: ${checked.seen}`;
}

export function checkData({ title, ok, seen }: Checked) {
  return { title, ok: ok ?? null, seen };
}
