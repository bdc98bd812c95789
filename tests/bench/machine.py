"""The machine that is measured on."""
import os
import pathlib
import time


def idle_ticks():
    """-> {processor: ticks that it had nothing to do}"""
    lines = [line.split() for line in pathlib.Path("/proc/stat").read_text().splitlines()]
    return {int(words[0][3:]): int(words[4]) for words in lines
            if words[0].startswith("cpu") and words[0] != "cpu"}


def pin():
    """This process and all that it starts stay on the processor that has least to do right now."""
    before = idle_ticks()
    time.sleep(0.3)
    idle = {cpu: ticks - before[cpu] for cpu, ticks in idle_ticks().items() if cpu in before}
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0), key=lambda cpu: idle.get(cpu, 0))})
