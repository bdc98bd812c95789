"""Loaders with one line changed, built from a copy of the sources: those that do not look at one fact, which
the tests have to catch, and one that goes by the times of directories that have just been changed.

    loader(name)     the path of the one with that name in CONTROLS or VARIANTS
"""
import shutil
import subprocess
import threading

from toolchain import BUILD, TOP

OUT = BUILD / "cache" / "loaders"
LOCK = threading.Lock()

# Name: ([(files of ldso/, a text that one of them has, what stands there instead)], trials or changes that
# have to notice).
CONTROLS = {
    "ctime": ([("cache/*.c", "f->ctime == info->ctime &&", "")],
              ["written-with-the-same-size-and-mtime"]),
    "inode-and-times": ([("cache/*.c", "f->ino == info->ino && f->mtime == info->mtime &&", ""),
                         ("cache/*.c", "f->ctime == info->ctime &&", "")],
                        ["replaced-with-the-same-size-and-mtime"]),
    "absence": ([("cache/*.c", "return r == -SYS_ENOENT ||", "return true ||")],
                ["earlier-in-the-runpath", "directory-of-the-runpath-appears"]),
    "preload": ([("cache/*.c", '{"preload", c->preload},', "")], ["ld-preload"]),
    "library-path": ([("cache/*.c", '{"library-path", c->library_path},', "")], ["ld-library-path"]),
    "bind-now": ([("cache/*.c", "c->bind_now,", "0,")], ["ld-bind-now"]),
    "tunables": ([("cache/*.c", 'config_getenv(c, "GLIBC_TUNABLES")', "NULL")], ["tunables"]),
    "sum": ([("cache/*.c", "== h->sum &&", "!= 0 &&")], ["bits-of-the-plan-flipped"]),
    "boot": ([("cache/*.c", "return info->ctime > now -", "return info->ctime > 0 -")], ["another-boot"]),
    "pages": ([("cache/*.c", "info.mtime == p->mtime && info.ctime == p->ctime &&", "")],
              ["bits-of-the-pages-flipped"]),
    "processor": ([("cache/*.c", "ld->abi->cpu_key(ld) == h->pages.cpu", "true"),
                   ("cache/*.c", "(h && h->level == f->size)", "h")], ["another-processor"]),
    "unfit-residue": ([("cache/*.c",
                        "if (!is_per_process(ld, r, def) || recorder_of(ld)->trace.unrecordable)\n\t\treturn false;",
                        "if (!is_per_process(ld, r, def))\n\t\treturn false;\n"
                        "\tif (recorder_of(ld)->trace.unrecordable)\n\t\treturn true;"),
                       ("cache/*.c", "d && !r->trace.unrecordable; d = dso_next(d)", "d; d = dso_next(d)"),
                       ("cache/*.c", "if (r->trace.unrecordable) {", "if (0) {")],
                      ["relative-ld-library-path"]),
    "warning": ([("load/*.c", 'trace_unrecordable(ld, "it prints a warning");', "")], ["preloaded-library-is-missing"]),
    "end-of-pages": ([("load/*.c", "if (offset > place->size ||", "if (0 &&")], ["pages-too-short"]),
    "bss": ([("reloc/*.c", "if (j->leaving && !job_is_writable(j, offset, bytes))", "if (0)")], ["relocation-of-bss"]),
    "trust": ([("cache/store.c",
                "static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)\n{",
                "static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)\n{\n"
                "\tif (own || !own)\n\t\treturn true;")],
              ["directory-writable-by-all", "plan-of-another-user"]),
    "secure": ([("cache/*.c", "if (c->secure)", "if (0)"), ("cache/store.c", "ld->config.secure", "false"),
                ("cache/store.c", "sys_may_write_in(s->dir) == 0", "true"),
                ("state/config.c", '"XDG_CACHE_HOME", ', "")], ["set-uid"]),
    "readable": ([("cache/*.c", "(info->mode & 0444) != 0444", "false")], ["what-only-root-can-read"]),
    "build": ([("cache/*.c", '"%02x", id[i]', '"%02x", 0')], ["another-build-of-the-loader"]),
    "program": ([("cache/*.c", "(program_file_info(ld, &info) && facts_is_same_file(f, &info))", "true")],
                ["program-replaced", "program-touched"]),
    "program-of-record": ([("cache/*.c", "(!p->ino || (p->ino == info->ino && p->dev == info->dev))", "true"),
                           ("cache/*.c", "return moment - ctime > (", "return moment - ctime + 2000000000 > (")],
                          ["program-replaced-during-a-record"]),
}
IMPATIENT = [("cache/*.c", "#define QUIET        ((int64_t)3600 * 1000000000)", "#define QUIET 0")]
VARIANTS = {
    "impatient": IMPATIENT,
    "impatient-directory": [*IMPATIENT, ("cache/*.c", "if (f->kind == FACT_ABSENT)",
                                         "if (f->kind == FACT_DIRECTORY)\n\t\treturn true;\n"
                                         "\tif (f->kind == FACT_ABSENT)")],
    "impatient-link": [*IMPATIENT, ("cache/*.c", "sys_lstat(path, &link) < 0 &&", "(link.ino = 0, true) &&")],
}


def patch(folder, files, old, new):
    found = [path for path in (folder / "ldso").glob(files) if old in path.read_text()]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} files of ldso/{files} have {old!r}, expected one: "
                           "controls.py is to be mended")
    found[0].write_text(found[0].read_text().replace(old, new))


def loader(name):
    with LOCK:
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for part in ("Makefile", "ldso", "vm", "docs/package"):
            (folder / part).parent.mkdir(exist_ok=True)
            subprocess.run(["cp", "-a", TOP / part, folder / part], check=True)
        (folder / "build").mkdir()
        subprocess.run(["cp", "-a", BUILD / "x86_64", folder / "build"], check=True)
        for change in VARIANTS.get(name) or CONTROLS[name][0]:
            patch(folder, *change)
        made = subprocess.run(["make", "-s", "build/x86_64/myld.so", "CC=gcc -Wno-unused -Wno-error"], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if made.returncode:
            raise RuntimeError(f"make in {folder}: {made.stdout}")
        return folder / "build/x86_64/myld.so"
