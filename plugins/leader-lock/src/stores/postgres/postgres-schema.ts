/**
 * What the store keeps in the database: one table, one sequence, one function.
 *
 * Writes go through the function, because one statement alone reads the rows of other names as they were when it began.
 * The function takes a lock first and reads afterwards: writes happen one after the other, each sees all before it, and
 * the list that it returns is the state after it. The lock ends with the statement, so no client can hold it.
 */

export const TABLE = "oracle_coordination";
/** Who listens is told the name of each record that changed. */
export const CHANNEL = "oracle_coordination";

/**
 * Writes one record and lists. Arguments: name, revision and value that must be there (null: nothing), next value (null:
 * delete), prefix to list (null: no list). The first row is the outcome, `won` or `lost`, with the record that is there
 * now; then comes one row per listed record. Its name changes whenever its meaning does: agents of two releases may share a
 * database.
 */
export const WRITE_FUNCTION = "oracle_coordination_write_1";

/** SQLSTATE of our own: the lock is of no use where a transaction sees what was there before it. */
export const WRONG_ISOLATION = "OC001";

const CREATE_TABLE = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  name text COLLATE "C" PRIMARY KEY,
  revision bigint NOT NULL,
  value text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`;

/** One sequence for all records: no revision returns after a record was deleted. */
const CREATE_SEQUENCE = `CREATE SEQUENCE IF NOT EXISTS ${TABLE}_revision OWNED BY ${TABLE}.revision`;

/**
 * A write that was answered must survive a crash of the server, so the commit is synchronous even where the role's are not.
 * Who waits for the lock longer than its timeout has written nothing.
 */
const CREATE_FUNCTION = `
CREATE OR REPLACE FUNCTION ${WRITE_FUNCTION}(
  wanted text, expected_revision bigint, expected_value text, next_value text, listed_prefix text
) RETURNS TABLE (part text, record_name text, record_revision bigint, record_value text)
LANGUAGE plpgsql SET lock_timeout = '5s' AS $body$
DECLARE
  was ${TABLE}%ROWTYPE;
  is_there boolean;
  has_won boolean := true;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'transactions are % by default', current_setting('transaction_isolation')
      USING ERRCODE = '${WRONG_ISOLATION}';
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM pg_advisory_xact_lock('${TABLE}'::regclass::oid::bigint);
  SELECT * INTO was FROM ${TABLE} WHERE name = wanted FOR UPDATE;
  is_there := FOUND;
  IF is_there AND was.value = next_value THEN
    NULL;
  ELSIF NOT is_there AND next_value IS NULL THEN
    NULL;
  ELSIF NOT is_there AND expected_value IS NULL THEN
    INSERT INTO ${TABLE} (name, revision, value)
      VALUES (wanted, nextval('${TABLE}_revision'), next_value) RETURNING * INTO was;
    is_there := true;
    PERFORM pg_notify('${CHANNEL}', left(wanted, 1000));
  ELSIF is_there AND was.revision = expected_revision AND was.value = expected_value THEN
    IF next_value IS NULL THEN
      DELETE FROM ${TABLE} WHERE name = wanted;
      is_there := false;
    ELSE
      UPDATE ${TABLE} SET revision = nextval('${TABLE}_revision'), value = next_value, updated_at = clock_timestamp()
        WHERE name = wanted RETURNING * INTO was;
    END IF;
    PERFORM pg_notify('${CHANNEL}', left(wanted, 1000));
  ELSE
    has_won := false;
  END IF;
  part := CASE WHEN has_won THEN 'won' ELSE 'lost' END;
  IF is_there THEN
    record_name := was.name;
    record_revision := was.revision;
    record_value := was.value;
  END IF;
  RETURN NEXT;
  RETURN QUERY SELECT 'listed'::text, name, revision, value FROM ${TABLE}
    WHERE starts_with(name, listed_prefix) ORDER BY name;
END
$body$`;

/** Creates what is missing. Agents that start together do so one after the other. */
export const CREATE_ALL = [
  `SELECT pg_advisory_xact_lock(hashtextextended('${TABLE}', 0))`,
  CREATE_TABLE,
  CREATE_SEQUENCE,
  CREATE_FUNCTION,
].join(";\n");

/** SQLSTATEs of a statement that misses something of ours: undefined_table, undefined_function. Nothing was written. */
export const NOT_CREATED: readonly string[] = ["42P01", "42883"];
