import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { readText, repositoryFiles, root } from "./support/repository.ts";

/** Folders of the root; a word in backticks that begins with one of them and a slash is a path from the root. */
function rootFolders(): string[] {
  return [
    ...new Set(repositoryFiles().flatMap((file) => (file.includes("/") ? [file.split("/")[0] ?? ""] : []))),
  ];
}

const FILE_NAME = /^[\w.-]+\.(md|ts|mjs|json|jsonc|toml|yml|yaml|sol|sh|service)$/;

/**
 * The paths that a page names, as paths from the root:
 * - the target of a relative link, seen from the page's folder;
 * - a single word in backticks that begins with a folder of the root (`plugins/…`), or is a file name with a
 *   known ending (`AGENTS.md`, `decide.ts`), which must then exist somewhere below the page's folder or in the
 *   root. Words with a placeholder (`<name>`, `*`, `…`) are patterns, and fenced blocks are examples.
 */
function pathsNamedIn(page: string): { links: string[]; rooted: string[]; names: string[] } {
  const text = readText(page).replace(/^```[\s\S]*?^```/gm, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .map((target) => normalize(join(dirname(page), target.replace(/#.*$/, ""))));
  const words = [...text.matchAll(/`([^`\s]+)`/g)]
    .map((match) => match[1] ?? "")
    .filter((word) => !/[<>*…{}$]/.test(word));
  const folders = rootFolders();
  const rooted = words.filter((word) => folders.some((folder) => word.startsWith(`${folder}/`)));
  const names = words.filter((word) => FILE_NAME.test(word) && !word.startsWith("."));
  return { links, rooted, names };
}

/** Names of files that exist elsewhere: in a checkout that runs, or in another project. */
const NAMES_FROM_ELSEWHERE = new Set<string>();

const pages = repositoryFiles().filter((file) => file.endsWith(".md"));

describe("every path that a page names exists:", () => {
  const files = repositoryFiles();
  for (const page of pages) {
    test(page, () => {
      const { links, rooted, names } = pathsNamedIn(page);
      const missing = [
        ...links.filter((path) => !existsSync(join(root, path))),
        ...rooted.filter((path) => !existsSync(join(root, path.replace(/[:#]L?\d.*$/, "")))),
        ...names.filter(
          (name) => !NAMES_FROM_ELSEWHERE.has(name) && !files.some((file) => `/${file}`.endsWith(`/${name}`)),
        ),
      ];
      expect(missing).toEqual([]);
    });
  }
});

test("every page of docs is reached by a link from README, AGENTS or another page", () => {
  const linked = new Set(pages.flatMap((page) => pathsNamedIn(page).links));
  const folders = [...linked].map((path) => `${path.replace(/\/$/, "")}/README.md`);
  const orphans = pages.filter(
    (page) => page.startsWith("docs/") && !linked.has(page) && !folders.includes(page),
  );
  expect(orphans).toEqual([]);
});

test("every script that a page calls exists in package.json", () => {
  const scripts = new Set(Object.keys(JSON.parse(readText("package.json")).scripts));
  const wrong = pages.flatMap((page) =>
    [...readText(page).matchAll(/\bnpm run ([\w:-]+)|\bnpm (start|test)\b/g)]
      .map((match) => match[1] ?? match[2] ?? "")
      .filter((name) => !scripts.has(name))
      .map((name) => `${page}: npm run ${name}`),
  );
  expect(wrong).toEqual([]);
});
