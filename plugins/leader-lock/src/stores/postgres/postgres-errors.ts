/**
 * What PostgreSQL or the way to it said, as one of the port's two errors. What the server reports by SQLSTATE is known to
 * have written nothing; whether asking again can help decides which error it is. The server's own words hold user, host and
 * database, never a password.
 */
import { describeError, StoreUnavailableError, StoreUnusableError } from "@jeju-oracle/kit";
import { SQL } from "bun";
import { isCertificateTrouble } from "../certificate-trouble.ts";
import { TABLE, WRONG_ISOLATION } from "./postgres-schema.ts";

/** The five characters by which PostgreSQL names an error; undefined when it was not the server that spoke. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof SQL.PostgresError && /^[0-9A-Z]{5}$/.test(error.errno ?? "")
    ? error.errno
    : undefined;
}

/** Whether the error leaves it open that the connection works: all but what a working server reported. */
export function mayBeBroken(error: unknown): boolean {
  const state = sqlStateOf(error);
  // The server is on its way out or up, or is a standby: the next connection may lead to another.
  return state === undefined || state.startsWith("08") || state.startsWith("57P") || state === "25006";
}

/** What to do about an SQLSTATE, or about the first characters of one. The longest match counts. */
const UNUSABLE: Readonly<Record<string, string>> = {
  "0A": `This server or pooler lacks what the store needs; use PostgreSQL 11 or later.`,
  "22": `The table ${TABLE} does not take the record; a database with encoding UTF8 is needed.`,
  "28": "Set the user and the password in LEADER_LOCK_URL to those of a role that may log in from this host (pg_hba.conf).",
  "3D": "Create the database, or name an existing one in LEADER_LOCK_URL.",
  "3F": "Give the role a schema: add search_path=<schema> to LEADER_LOCK_URL, or create the schema.",
  "42": `Drop or rename what is called ${TABLE} in the database and is not ours, or name another database in LEADER_LOCK_URL.`,
  "42501": `Let the role create the table (GRANT CREATE, USAGE ON SCHEMA public TO <role>) or, when another role owns it, use it (GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLE} TO <role>; GRANT USAGE ON SEQUENCE ${TABLE}_revision TO <role>).`,
  "54": "Use a shorter BOT_ID.",
  [WRONG_ISOLATION]:
    "Let the role's transactions be read committed: ALTER ROLE <role> SET default_transaction_isolation = 'read committed'.",
};

/** Bun's own codes for a server that it cannot come to terms with. */
const DISAGREEMENT = /^ERR_POSTGRES_(TLS|SASL|AUTHENTICATION|UNKNOWN_AUTH|UNSUPPORTED_AUTH|CHANNEL_BINDING)/;

export const STANDBY_NEXT_STEP =
  "Point LEADER_LOCK_URL at the primary; when a standby is being promoted the agent goes on by itself.";

/** The port's error for whatever a call threw. */
export function toStoreError(label: string, error: unknown): StoreUnavailableError | StoreUnusableError {
  if (error instanceof StoreUnavailableError || error instanceof StoreUnusableError) return error;
  const state = sqlStateOf(error);
  const message = `${label}: ${describeError(error)}`;
  // read_only_sql_transaction
  if (state === "25006")
    return new StoreUnavailableError(message, { nextStep: STANDBY_NEXT_STEP, cause: error });
  const nextStep =
    state === undefined ? clientNextStep(error) : (UNUSABLE[state] ?? UNUSABLE[state.slice(0, 2)]);
  return nextStep === undefined
    ? new StoreUnavailableError(message, { cause: error })
    : new StoreUnusableError(message, { nextStep, cause: error });
}

function clientNextStep(error: unknown): string | undefined {
  if (isCertificateTrouble(error))
    return "Name the authority that signed the server's certificate as sslrootcert in LEADER_LOCK_URL, and the server as the certificate does.";
  const code = error instanceof SQL.PostgresError ? error.code : "";
  if (!DISAGREEMENT.test(code)) return undefined;
  return "Bring LEADER_LOCK_URL (sslmode, user, password) and the server's settings (ssl, password_encryption, pg_hba.conf) together.";
}
