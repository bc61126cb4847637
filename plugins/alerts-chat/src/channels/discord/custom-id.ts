/** What a button's `custom_id` holds: our data, and whether a form opens first, which has to be known before anything is looked up. */

export interface ButtonMeaning {
  readonly data: string;
  readonly asksForm: boolean;
}

export function customIdOf({ data, asksForm }: ButtonMeaning): string {
  return `${asksForm ? "f" : "a"}:${data}`;
}

/** @returns undefined for what this channel has not made. */
export function meaningOf(customId: string): ButtonMeaning | undefined {
  const [, kind, data] = /^([af]):(.+)$/s.exec(customId) ?? [];
  return data === undefined ? undefined : { data, asksForm: kind === "f" };
}
