// Started by install-lock.test.ts: holds the lock <times> times, telling when it enters and leaves.
import { appendFileSync } from "node:fs";
import { withInstallLock } from "../../../scripts/setup/install-lock.mjs";

const [directory = "", journal = "", times = "1", mode = ""] = process.argv.slice(2);

for (let round = 0; round < Number(times); round += 1) {
  await withInstallLock(
    directory,
    async () => {
      appendFileSync(journal, `enter ${process.pid}\n`);
      if (mode === "hang") {
        console.log("held");
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
      appendFileSync(journal, `leave ${process.pid}\n`);
    },
    { onWait: () => undefined },
  );
}
