/** The variables of the process itself. */
import { isIP } from "node:net";
import { defineEnv, type Env, type EnvValues, envTypes, parseEnv } from "@jeju-oracle/kit";

const MAX_PORT = 65_535;

export const processEnv = defineEnv({
  HEALTH_CHECK_PORT: {
    schema: envTypes.integer(0, MAX_PORT),
    about: "Port of /health, /livez, /readyz and /metrics; 0 picks a free one and logs it.",
    example: "3000",
    default: "3000",
    source: "seed: Health Check Endpoints",
    perHost: true,
  },
  HEALTH_CHECK_HOST: {
    schema: envTypes
      .string()
      .refine((host) => isIP(host) !== 0 || host === "localhost", "must be an IP address or localhost"),
    about:
      "Address that the port is opened on; the default is every address, since operators ask from other hosts.",
    example: "127.0.0.1",
    default: "0.0.0.0",
    source: "seed: Health Check Endpoints",
    perHost: true,
  },
  CHARACTER_FILE: {
    schema: envTypes.string().optional(),
    about: "JSON file with another persona. Unset: characters/oracle-ops.ts.",
    example: "/etc/jeju-oracle/character.json",
    perHost: true,
  },
});

export interface ProcessConfig {
  readonly http: HttpAddress;
  readonly characterFile: string | undefined;
}

export interface HttpAddress {
  readonly port: number;
  readonly host: string;
}

/**
 * Reads the variables of the process.
 * @throws {ConfigError} with one problem per wrong variable.
 */
export function loadProcessConfig(env: Env): ProcessConfig {
  const values: EnvValues<typeof processEnv> = parseEnv(processEnv, env);
  return {
    http: { port: values.HEALTH_CHECK_PORT, host: values.HEALTH_CHECK_HOST },
    characterFile: values.CHARACTER_FILE,
  };
}
