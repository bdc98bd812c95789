"""A machine that boots from a root: the kernel, systemd and all that it starts to the multi-user target, by qemu."""
import re

import roots

PACKAGES = """systemd-sysv udev dbus libpam-systemd initramfs-tools linux-image-cloud-amd64 openssh-server cron rsyslog
iproute2 kmod procps""".split()
MODULES = "ext4\nvirtio_blk\nvirtio_pci\n"  # what the initial RAM disk needs to mount the root
MINUTES = 30  # without KVM a boot takes minutes

# What the machine says when it is up, and that it is done.
REPORT = """#!/bin/sh
echo "state $(systemctl is-system-running --wait)"
echo "loader $(/lib64/ld-linux-x86-64.so.2 --version | head -n 1)"
systemctl list-units --type=service,target,mount,socket --state=active,failed --plain --no-legend |
	while read -r unit load active rest; do echo "unit $unit $active"; done
for maps in /proc/[0-9]*/maps; do
	process=${maps%/maps}
	[ -s "$process/cmdline" ] || grep -q . $maps 2>/dev/null || continue
	echo "process $(cat $process/comm 2>/dev/null) $(grep -o '/[^ ]*ld-linux[^ ]*' $maps 2>/dev/null | sort -u)"
done | sort -u
echo "done"
systemctl poweroff
"""
UNIT = """[Unit]
Description=What runs, and by which loader
After=multi-user.target
[Service]
Type=simple
ExecStart=/bin/sh -c 'exec /report >/dev/ttyS0 2>&1'
[Install]
WantedBy=multi-user.target
"""
# These come and go.
PASSING = re.compile(r"process (\(|sh|grep|sort|report|systemctl|systemd-(udevd|hostnamed|.*worker)|.*worker.*)\b|"
                     r"unit (dev-|sys-|run-|systemd-hostnamed|systemd-(fsck|update|random|tmpfiles)|.*-daily|e2scrub|fstrim)")


def prepare(kind, suite):
    """A root of its own with a kernel, whose initial RAM disk holds the loader as well."""
    root = roots.make(suite, kind, "boot-" + kind)
    root.must("apt-get -q update", 600)
    (root.path / "etc/initramfs-tools/conf.d").mkdir(parents=True, exist_ok=True)
    root.must(f"apt-get -q install -y --no-install-recommends {' '.join(PACKAGES[:5])}", 1800)
    (root.path / "etc/initramfs-tools/conf.d/modules").write_text("MODULES=list\n")
    (root.path / "etc/initramfs-tools/modules").write_text(MODULES)
    root.must(f"apt-get -q install -y --no-install-recommends {' '.join(PACKAGES)}", 3600)
    (root.path / "etc/fstab").write_text("/dev/vda / ext4 rw 0 1\n")
    (root.path / "etc/hostname").write_text("debian\n")
    (root.path / "report").write_text(REPORT)
    (root.path / "report").chmod(0o755)
    (root.path / "etc/systemd/system/report.service").write_text(UNIT)
    root.must("systemctl enable report.service; update-initramfs -u -k all; apt-get clean")
    return root


def image_of(root):
    """A file system with what is in the root, made without mounting anything."""
    image = root.path.with_suffix(".img")
    image.unlink(missing_ok=True)
    roots.must(["truncate", "--size", "3G", image], 60)
    roots.must(["mke2fs", "-q", "-t", "ext4", "-d", root.path, image], 600)
    return image


def run(root):
    """What the machine says on its serial console until it is off."""
    kernel, initial = (next((root.path / "boot").glob(name)) for name in ("vmlinuz-*", "initrd.img-*"))
    said = roots.run(["qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "1024", "-nographic", "-no-reboot", "-nic", "none",
                      "-kernel", kernel, "-initrd", initial, "-drive", f"file={image_of(root)},format=raw,if=virtio",
                      "-append", "root=/dev/vda rw console=ttyS0 panic=-1 systemd.show_status=no"],
                     MINUTES * 60).output.replace("\r", "")
    root.path.with_suffix(".log").write_text(said)
    return said


def boot(root):
    """What runs in the machine that has booted, and by which loader."""
    said = run(prepare(root.kind, root.suite))
    report = re.findall(r"^(?:state|loader|unit|process)\b.*|^done$", said, re.M)
    if "done" not in report or ("myld.so" in "".join(report)) != (root.kind == "myld"):
        raise RuntimeError(f"the machine did not come up:\n{said[-3000:]}")
    return "\n".join(sorted(line for line in set(report) if not line.startswith("loader ") and not PASSING.match(line)))
