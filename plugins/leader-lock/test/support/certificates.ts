/** Certificates for servers and clients on 127.0.0.1, made by openssl for one test. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  /** Signed all of the others but one. */
  readonly caFile: string;
  /** Signed none of them. */
  readonly otherCaFile: string;
  readonly server: KeyPair;
  /** For another host: its name is not 127.0.0.1. */
  readonly elsewhere: KeyPair;
  readonly client: KeyPair;
  remove(): void;
}

interface KeyPair {
  readonly certFile: string;
  readonly keyFile: string;
}

export const hasOpenssl = Bun.which("openssl") !== null;

/** Makes all of them in a folder of its own. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "oracle-certificates-"));
  const file = (name: string) => join(directory, name);
  const authority = (name: string): KeyPair => {
    const pair = { certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) };
    openssl(
      "req",
      "-x509",
      ...NEW_KEY,
      pair.keyFile,
      "-out",
      pair.certFile,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
    return pair;
  };
  const [ca, other] = [authority("ca"), authority("other-ca")];
  const signed = (name: string, subjectAltName: string): KeyPair => {
    const [request, extensions] = [file(`${name}.csr`), file(`${name}.ext`)];
    const pair = { certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) };
    writeFileSync(extensions, `subjectAltName=${subjectAltName}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl("req", ...NEW_KEY, pair.keyFile, "-out", request, "-subj", `/CN=${name}`);
    openssl(
      ...["x509", "-req", "-in", request, "-CA", ca.certFile, "-CAkey", ca.keyFile, "-CAcreateserial"],
      ...["-out", pair.certFile, "-days", "2", "-extfile", extensions],
    );
    return pair;
  };
  return {
    caFile: ca.certFile,
    otherCaFile: other.certFile,
    server: signed("server", "IP:127.0.0.1"),
    elsewhere: signed("elsewhere", "DNS:elsewhere.example"),
    client: signed("client", "DNS:client.example"),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"];

function openssl(...args: string[]): void {
  const { success, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (!success) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}
