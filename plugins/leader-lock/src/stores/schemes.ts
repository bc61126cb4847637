/** The stores there are. Why these, and why not Redis: docs/decisions/coordination-stores.md. */
export const STORE_SCHEMES = ["file", "postgres", "postgresql", "etcd"] as const;
