"""A machine that boots from a root: the kernel, systemd and all that it starts to the multi-user target, by qemu; a package
that apt installs in it, and the same again after the machine has rebooted."""
import re

import roots

PACKAGES = """systemd-sysv udev dbus libpam-systemd initramfs-tools linux-image-cloud-amd64 openssh-server cron rsyslog
iproute2 kmod procps""".split()
ADDED = "at"  # has maintainer scripts, a user and a service
MODULES = "ext4\nvirtio_blk\nvirtio_pci\n"  # what the initial RAM disk needs to mount the root
MINUTES = 30  # without KVM a boot takes minutes

# What the machine says when it is up, and that it is done.  The first time it then installs a package and reboots.
REPORT = """#!/bin/sh
[ -e /var/lib/booted ] && boot=2 || boot=1
echo "boot $boot"
echo "state $(systemctl is-system-running --wait)"
echo "loader $(/lib64/ld-linux-x86-64.so.2 --version | head -n 1)"
systemctl list-units --type=service,target,mount,socket --state=active,failed --plain --no-legend |
	while read -r unit load active rest; do echo "unit $unit $active"; done
for maps in /proc/[0-9]*/maps; do
	process=${maps%/maps}
	[ -s "$process/cmdline" ] || grep -q . $maps 2>/dev/null || continue
	echo "process $(cat $process/comm 2>/dev/null) $(grep -o '/[^ ]*ld-linux[^ ]*' $maps 2>/dev/null | sort -u)"
done | sort -u
if [ $boot = 2 ]; then
	echo "done"
	systemctl poweroff
	exit
fi
DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends --no-download ADDED
echo "installed $? $(dpkg --verify ADDED; dpkg --audit)"
touch /var/lib/booted
systemctl reboot
"""
UNIT = """[Unit]
Description=What runs, and by which loader
After=multi-user.target
[Service]
Type=simple
ExecStart=/bin/sh -c 'exec /report >/dev/ttyS1 2>&1'
[Install]
WantedBy=multi-user.target
"""
# These come and go.
PASSING = re.compile(r"process (\(|sh|grep|sort|report|systemctl|systemd-(udevd|hostnamed|.*worker)|.*worker.*)\b|"
                     r"unit (dev-|sys-|run-|systemd-hostnamed|systemd-(fsck|update|random|tmpfiles)|.*-daily|e2scrub|fstrim)")


def prepare(root):
    """A root of its own with a kernel, whose initial RAM disk holds the loader as well."""
    root = roots.make(root.suite, root.machine, root.kind, "boot-" + root.kind)
    (root.path / "etc/initramfs-tools/conf.d").mkdir(parents=True, exist_ok=True)
    root.must(f"apt-get -q install -y --no-install-recommends {' '.join(PACKAGES[:5])}", 1800)
    (root.path / "etc/initramfs-tools/conf.d/modules").write_text("MODULES=list\n")
    (root.path / "etc/initramfs-tools/modules").write_text(MODULES)
    root.must(f"apt-get -q install -y --no-install-recommends {' '.join(PACKAGES)}", 3600)
    (root.path / "etc/fstab").write_text("/dev/vda / ext4 rw 0 1\n")
    (root.path / "etc/hostname").write_text("debian\n")
    (root.path / "report").write_text(REPORT.replace("ADDED", ADDED))
    (root.path / "report").chmod(0o755)
    (root.path / "etc/systemd/system/report.service").write_text(UNIT)
    root.must("systemctl enable report.service; update-initramfs -u -k all; apt-get clean; rm -f /var/lib/booted")
    root.must(f"apt-get -q install -y --download-only --no-install-recommends {ADDED}", 600)
    return root


def image_of(root):
    """A file system with what is in the root, made without mounting anything."""
    image = root.path.with_suffix(".img")
    image.unlink(missing_ok=True)
    roots.must(["truncate", "--size", "3G", image], 60)
    roots.must(["mke2fs", "-q", "-t", "ext4", "-d", root.path, image], 600)
    return image


def run(root, image):
    """What the machine says until it is off or about to reboot: on the console, and its report, which has a serial line of
    its own, since the login prompt hangs up that of the console."""
    kernel, initial = (next((root.path / "boot").glob(name)) for name in ("vmlinuz-*", "initrd.img-*"))
    report = root.path.with_suffix(".report")
    console = roots.run(["qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "1024", "-no-reboot", "-nic", "none",
                         "-display", "none", "-monitor", "none", "-serial", "stdio", "-serial", f"file:{report}",
                         "-kernel", kernel, "-initrd", initial, "-drive", f"file={image},format=raw,if=virtio",
                         "-append", "root=/dev/vda rw console=ttyS0 panic=-1 no_timer_check systemd.show_status=no"], MINUTES * 60).output
    return (console + report.read_text()).replace("\r", "")


def report_of(root, said):
    """What the machine has told of one boot."""
    report = re.findall(r"^(?:boot|state|loader|unit|process|installed)\b.*|^done$", said, re.M)
    loaders = {line for line in report if line.startswith("loader ")}
    if len(loaders) != 1 or ("myld.so" in loaders.pop()) != (root.kind == "myld"):
        raise RuntimeError(f"the machine did not come up:\n{said[-3000:]}")
    return sorted(line for line in set(report) if not line.startswith("loader ") and not PASSING.match(line))


def boot(root):
    """What runs in the machine that has booted, and by which loader; then with a package more, when it has rebooted."""
    root = prepare(root)
    image = image_of(root)
    said = [run(root, image) for _ in range(2)]
    root.path.with_suffix(".log").write_text("\n".join(said))
    reports = [report_of(root, one) for one in said]
    if not any(line.startswith("installed 0") for line in reports[0]) or "done" not in reports[1]:
        raise RuntimeError("\n".join(one[-3000:] for one in said))
    roots.must(["e2fsck", "-fn", image], 600)  # it was left as it should be
    return "\n".join([*reports[0], *reports[1]])
