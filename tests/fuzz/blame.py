"""For gdb, at a program's death: whose doing it is, as one line "blame: loader" or "blame: file", with the reason.

    gdb -batch ... -ex run -x blame.py --args PROGRAM

A death in the loader's code is the loader's, unless the loader has just handed control to a function that
only a file names (a constructor, a resolver), which may lead anywhere, into the middle of the loader too.
Frames cannot be told from a stack then, so it is searched for the return address of such a call; what an
earlier call has left there does not count when the loader's own state says that none is under way.
"""
import re

import gdb

# Functions of the loader that call a file's, and what its state is meanwhile.
CALLERS = {"call_array": "constructors", "call_constructors": "constructors", "call_destructors": "destructors",
           "arch_call_foreign": None, "reloc_ifuncs": None, "early_init": None, "watch_forks": None,
           "_start": None}
REACH = 64 << 10  # bytes of the stack that are searched, to either side
RUNNING = "INIT_RUNNING"


def functions_at(address):
    """Names of the loader's functions that an address is in: inlined ones, and that of the symbol."""
    names = set()
    block = gdb.block_for_pc(address)
    while block and not block.is_static and not block.is_global:
        if block.function:
            names.add(block.function.name)
        block = block.superblock
    symbol = re.match(r"[\w$]+", gdb.execute(f"info symbol {address}", to_string=True))
    return names | ({symbol[0]} if symbol else set())


def objects(loader):
    d = loader["first"]
    while d:
        yield d
        d = d["state"]["next"]


def is_closing(loader):
    return any(d["state"]["closing"] for d in objects(loader))


def is_under_way(state):
    loader = gdb.parse_and_eval("loader")
    if state == "destructors":
        return str(loader["phase"]) == "PHASE_EXITING" or is_closing(loader)
    if state == "constructors":
        return any(str(d["state"]["init_state"]) == RUNNING for d in objects(loader))
    return state is None


def calls_out(address, popped):
    """The name of a function that calls a file's with the call before this address, or None. What is no
    longer on the stack counts only where the loader's state tells of the call."""
    for name in sorted(functions_at(address - 1) & CALLERS.keys()):
        if is_under_way(CALLERS[name]) and not (popped and CALLERS[name] is None):
            return name
    return None


def is_loader(address):
    return any(start <= address < end for start, end in code)


def loader_code():
    """The executable range that the loader's code is in: of its file, or of the copy that it has made."""
    maps = open(f"/proc/{gdb.selected_inferior().pid}/maps", encoding="utf-8").read()
    ranges = [(int(m[1], 16), int(m[2], 16)) for m in re.finditer(r"^(\w+)-(\w+) ..x", maps, re.M)]
    inside = int(gdb.parse_and_eval("(unsigned long)&ldso_main"))
    return [(start, end) for start, end in ranges if start <= inside < end]


def stack_words(start, end):
    """Page by page, as far as there is a stack."""
    inferior = gdb.selected_inferior()
    at = start & -8
    while at < end:
        size = 4096 - at % 4096
        try:
            yield from memoryview(inferior.read_memory(at, size).tobytes()).cast("Q")
        except gdb.MemoryError:
            pass
        at += size


def is_indirect_call(before):
    """call *m or *r: ff /2, with nothing to 5 bytes behind it (Intel SDM, vol. 2, CALL)."""
    code_bytes = gdb.selected_inferior().read_memory(before - 7, 7).tobytes()
    return any(code_bytes[-n] == 0xff and code_bytes[-n + 1] >> 3 & 7 == 2 for n in (2, 3, 4, 6, 7))


def blame():
    pc, sp = (int(gdb.parse_and_eval(r)) & (1 << 64) - 1 for r in ("$pc", "$sp"))
    if not is_loader(pc):
        return "file: it died in other code"
    here = functions_at(pc) & CALLERS.keys()
    if here and gdb.execute("x/i $pc", to_string=True).split(":")[-1].split()[0] in ("call", "jmp"):
        return f"file: {here.pop()} calls what is no code"
    # Below: whoever jumped into the middle of a function may have gone back beyond its own frame.
    for popped, words in ((False, stack_words(sp, sp + REACH)), (True, stack_words(sp - REACH, sp))):
        for word in words:
            if is_loader(word - 1) and is_indirect_call(word) and (caller := calls_out(word, popped)):
                return f"file: called by {caller}"
    return "loader"


try:
    code = loader_code()
    print(f"blame: {blame()}")
except gdb.error as e:
    print(f"blame: nobody: {e}")
