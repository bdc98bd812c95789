#!/usr/bin/env python3
"""A browser under the loader: firefox draws a page into a picture, again and again.

    browser.py [--runs 20]

Its processes have a sandbox (seccomp, SECCOMP_RET_TRAP), many threads, and open libraries while they run. With myld.so in
ld-linux's place each run has to end by itself, with the picture that firefox draws under the system's own loader.
"""
import argparse
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import namespace  # noqa: E402 (the library's folder is named just above)
from process import execute, text  # noqa: E402
from toolchain import TOP, Unavailable  # noqa: E402

FIREFOX = "firefox-esr"
LOADER = TOP / "build/x86_64/myld.so"
PAGE = "<body style='background: #fd0'><h1>under another loader</h1><script>document.write(6 * 7)</script>"


def picture(loader):
    """(what firefox ended with, the picture) of one run in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        page, shot = pathlib.Path(home, "page.html"), pathlib.Path(home, "shot.png")
        page.write_text(PAGE)
        command = [shutil.which(FIREFOX), "--headless", "--window-size=300,200", "--screenshot", shot, page.as_uri()]
        outcome = execute(namespace.in_place(loader, command), {"PATH": "/usr/bin:/bin", "HOME": home}, home, timeout=120)
        return outcome, shot.read_bytes() if shot.exists() else b""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    passed = 0
    try:
        if not shutil.which(FIREFOX):
            raise Unavailable(f"{FIREFOX} is not installed")
        outcome, want = picture(None)
    except Unavailable as error:
        print(f"SKIPPED browser: {error}\n0 passed, 0 failed, 1 skipped")
        return 0
    if not want:
        print(f"FAILED  under the system's own loader: {outcome.how()}\n{text(outcome.stderr)}\n0 passed, 1 failed, 0 skipped")
        return 1
    for number in range(1, options.runs + 1):
        outcome, got = picture(LOADER)
        if outcome.status == 0 and got == want:
            passed += 1
            continue
        print(f"FAILED  run {number}: {outcome.how()}, {'another' if got else 'no'} picture")
        print("\n".join("        " + line for line in text(outcome.stderr).splitlines()[-20:]), flush=True)
    print(f"{passed} passed, {options.runs - passed} failed, 0 skipped")
    return passed < options.runs


if __name__ == "__main__":
    sys.exit(main())
