"""The recipes of docs/package/README.md: shell scripts, each in a block with a name."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]


def recipe(name, loader):
    """The script; what it copies from /usr/lib/myld is that loader."""
    text = (TOP / "docs/package/README.md").read_text()
    script = re.search(rf"^```sh {name}\n(.*?)^```", text, re.M | re.S)[1]
    return script.replace("/usr/lib/myld/myld.so", str(loader))
