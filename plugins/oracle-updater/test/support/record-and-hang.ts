/** A process that journals one transaction and is killed before it could send it. Arguments: state directory. */
import { systemClock } from "@jeju-oracle/kit";
import { Journal } from "../../src/transaction/journal.ts";
import { entryAt, SCOPE } from "./journal-entries.ts";

const [stateDir = ""] = process.argv.slice(2);
const journal = new Journal(stateDir, "bot-1", SCOPE, systemClock);
journal.record(entryAt(7));
process.stdout.write("journalled\n");
setInterval(() => undefined, 60_000);
