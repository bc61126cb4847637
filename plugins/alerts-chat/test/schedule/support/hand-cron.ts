/** A cron that strikes when a test says so. */
import type { Cron, CronWish } from "../../../src/schedule/cron.ts";

export class HandCron implements Cron {
  readonly wishes = new Map<string, CronWish>();

  schedule(wish: CronWish): () => void {
    this.wishes.set(wish.name, wish);
    return () => void this.wishes.delete(wish.name);
  }

  strike(name: string, scheduledAtMs: number): void {
    this.wishes.get(name)?.run(scheduledAtMs);
  }
}
