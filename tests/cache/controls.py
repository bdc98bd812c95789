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

# Name: ([(file, a text in it, what stands there instead)], trials or changes that have to notice).
CONTROLS = {
    "ctime": ([("replay.c", "f->ctime == info->ctime &&", "")],
              ["written-with-the-same-size-and-mtime"]),
    "inode-and-times": ([("replay.c", "f->ino == info->ino && f->mtime == info->mtime &&", ""),
                         ("replay.c", "f->ctime == info->ctime &&", "")],
                        ["replaced-with-the-same-size-and-mtime"]),
    "absence": ([("replay.c", "return r == -SYS_ENOENT ||", "return true ||")],
                ["earlier-in-the-runpath", "directory-of-the-runpath-appears"]),
    "preload": ([("replay.c", '{"preload", c->preload},', "")], ["ld-preload"]),
    "library-path": ([("replay.c", '{"library-path", c->library_path},', "")], ["ld-library-path"]),
    "bind-now": ([("replay.c", "c->bind_now,", "0,")], ["ld-bind-now"]),
    "tunables": ([("replay.c", 'config_getenv(c, "GLIBC_TUNABLES")', "NULL")], ["tunables"]),
    "sum": ([("plan.c", "== h->sum &&", "!= 0 &&")], ["bits-of-the-plan-flipped"]),
    "boot": ([("replay.c", "return info->ctime > now -", "return info->ctime > 0 -")], ["another-boot"]),
    "pages": ([("replay.c", "info.mtime == p->mtime && info.ctime == p->ctime &&", "")],
              ["bits-of-the-pages-flipped"]),
    "processor": ([("replay.c", "ld->world->cpu_key(ld) == rp->plan.head->pages.cpu", "true"),
                   ("replay.c", "(h && h->level == f->size)", "h")], ["another-processor"]),
    "unfit-residue": ([("record.c", "if (ld->record->notes.unfit || !add_word(ld, number))\n\t\treturn false;",
                        "if (ld->record->notes.unfit)\n\t\treturn true;\n\tadd_word(ld, number);"),
                       ("record.c", "if (ld->record->notes.unfit) {", "if (0) {")],
                      ["relative-ld-library-path"]),
    "warning": ([("deps.c", 'notes_unfit(ld, "a warning");', "")], ["preloaded-library-is-missing"]),
    "end-of-pages": ([("map.c", "if (offset > place->size ||", "if (0 &&")], ["pages-too-short"]),
    "bss": ([("reloc.c", "if (j->leaving && !is_known(j, offset, bytes))", "if (0)")], ["relocation-of-bss"]),
    "trust": ([("store.c", "static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)\n{",
                "static bool is_trusted(const struct loader *ld, const struct file_info *info, bool own)\n{\n"
                "\tif (own || !own)\n\t\treturn true;")],
              ["directory-writable-by-all", "plan-of-another-user"]),
    "secure": ([("replay.c", "if (c->secure)", "if (0)"), ("store.c", "ld->config.secure", "false"),
                ("store.c", "sys_may_write_in(s->dir) == 0", "true")], ["set-uid"]),
    "readable": ([("record.c", "(info->mode & 0444) != 0444", "false")], ["what-only-root-can-read"]),
    "build": ([("replay.c", '"%02x", id[i]', '"%02x", 0')], ["another-build-of-the-loader"]),
    "program": ([("replay.c", "(plan_program_is(ld, &info) && is_same(f, &info))", "true")],
                ["program-replaced", "program-touched"]),
    "program-of-record": ([("plan.c", "(!p->ino || (p->ino == info->ino && p->dev == info->dev))", "true"),
                           ("plan.c", "return moment - ctime > (", "return moment - ctime + 2000000000 > (")],
                          ["program-replaced-during-a-record"]),
}
IMPATIENT = [("record.c", "#define QUIET       ((int64_t)3600 * 1000000000)", "#define QUIET 0")]
VARIANTS = {
    "impatient": IMPATIENT,
    "impatient-directory": [*IMPATIENT, ("replay.c", "if (f->kind == FACT_ABSENT)",
                                         "if (f->kind == FACT_DIRECTORY)\n\t\treturn true;\n"
                                         "\tif (f->kind == FACT_ABSENT)")],
    "impatient-link": [*IMPATIENT, ("record.c", "sys_lstat(path, &link) < 0 &&", "(link.ino = 0, true) &&")],
}


def patch(folder, name, old, new):
    path = folder / "ldso" / name
    code = path.read_text()
    if old not in code:
        raise RuntimeError(f"{name} has no {old!r} any more: controls.py is to be mended")
    path.write_text(code.replace(old, new))


def loader(name):
    with LOCK:
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for part in ("Makefile", "ldso", "vm"):
            subprocess.run(["cp", "-a", TOP / part, folder], check=True)
        (folder / "build").mkdir()
        subprocess.run(["cp", "-a", BUILD / "x86_64", folder / "build"], check=True)
        for change in VARIANTS.get(name) or CONTROLS[name][0]:
            patch(folder, *change)
        subprocess.run(["make", "-s", "build/x86_64/myld.so", "CC=gcc -Wno-unused -Wno-error"], cwd=folder, check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return folder / "build/x86_64/myld.so"
