/** TLS failures that asking again does not end. */

/** OpenSSL's verification errors as Node and Bun name them: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const VERIFICATION_CODE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH/;

/** Whether the other side's certificate was not believed. */
export function isCertificateTrouble(error: unknown): boolean {
  return error instanceof Error && "code" in error && VERIFICATION_CODE.test(String(error.code));
}
