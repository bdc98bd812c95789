"""What of a suite is run: a filter says how much it leaves out, and one that matches nothing fails."""


def nothing_matches(how, total, what):
    """Ends the run as a failure: an option by which nothing would be tested is a mistake."""
    print(f"FAILED  {how}: none of {total} {what} matches\n0 passed, 1 failed, 0 skipped")
    raise SystemExit(1)


def choose(items, wanted, how, what):
    """Those of the items that are wanted.  how: the option that decides, what: a word for the items."""
    items = list(items)
    chosen = [item for item in items if wanted(item)]
    if not chosen:
        nothing_matches(how, len(items), what)
    if len(chosen) < len(items):
        print(f"left out by {how}: {len(items) - len(chosen)} of {len(items)} {what}", flush=True)
    return chosen
