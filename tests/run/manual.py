#!/usr/bin/env python3
"""manual.py: the messages under DIAGNOSTICS in the manual page are those that the loader has.

A message is an example, so what varies (names, paths, numbers) is left out; each run of words between
must be a part of a text in the loader's file.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
PAGE = TOP / "docs/myld.so.8"
LOADERS = [TOP / f"build/{machine}/myld.so" for machine in ("x86_64", "aarch64", "riscv64")]

# Paths, numbers, names in capitals, and the examples' names.
VARIES = re.compile(r"[/\d]|\.\.\.|^[A-Z_]+$|^--|^(foo|prog|musl|glibc|libfoo\.so|libc\.so)$|^owner$|^mode$|^and$")


def messages(page):
    diagnostics = page.split(".Sh DIAGNOSTICS")[1].split(".Sh ")[0]
    return re.findall(r'^\.It "(.*)"$', diagnostics, re.M)


def runs(message):
    """The runs of words that do not vary."""
    for part in re.split(r"[:;,()`\"]|(?<!\w)'|'(?!\w)", message):
        run = []
        for word in [*part.split(), "/"]:
            if not VARIES.search(word):
                run.append(word)
            elif run:
                yield " ".join(run)
                run = []


def problems(page, texts):
    found = messages(page)
    if not found:
        yield "no messages under DIAGNOSTICS"
    for message in found:
        for run in runs(message):
            if run.encode() not in texts:
                yield f'"{run}" is in no text of the loader: {message}'


if __name__ == "__main__":
    wrong = list(problems(PAGE.read_text(), b"".join(f.read_bytes() for f in LOADERS if f.exists())))
    for problem in wrong:
        print(f"{PAGE.name}: {problem}")
    sys.exit(1 if wrong else 0)
