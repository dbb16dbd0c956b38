"""A virtual machine with Debian's kernel and this machine's root, read-only: for drivers that a host
has not, without installing or loading anything on it.

    machine = Machine(folder, tell)          # folder: keeps the kernel, is given results
    machine.prepare(modules=["vivid"])
    code = machine.run(["python3", "guest.py"], seconds=180)

The kernel is unpacked from its package, not installed. Emulated (QEMU's TCG), so no rights are needed
and everything is ten times slower. The guest can write to /run (memory) and to /mnt, which is the folder
`machine.out` here.
"""

import gzip
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT_MODULES = ["virtio_pci", "9pnet_virtio", "9p"]  # what the root file system needs
READY = "vm: "  # how a line of the guest begins that is for people


class Failed(Exception):
    pass


def command(*argv, **options):
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode != 0:
        raise Failed(f"{shlex.join(str(a) for a in argv)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def dependencies(module):
    """Names of the modules that a module's file says it needs (its section .modinfo)."""
    found = re.search(rb"\0depends=([^\0]*)\0", b"\0" + module.read_bytes())
    return [name for name in found.group(1).decode().split(",") if name] if found else []


def cpio(tree):
    names = "\0".join(sorted(str(p.relative_to(tree)) for p in tree.rglob("*")))
    return command("cpio", "--quiet", "--null", "-o", "-H", "newc", cwd=tree, input=names.encode())


class Machine:
    def __init__(self, folder, tell):
        self.folder = pathlib.Path(folder)
        self.tell = tell
        self.out = self.folder / "out"
        self.kernel = self.modules = None

    def prepare(self, modules):
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        self._unpack_kernel()
        self.files = {p.stem.replace("-", "_"): p for p in self.modules.rglob("*.ko")}
        self._make_initramfs(self._in_order(modules))

    def _unpack_kernel(self):
        listed = command("apt-cache", "depends", "linux-image-amd64").decode()
        package = re.search(r"Depends: (linux-image-\S+)", listed)
        if not package:
            raise Failed("apt knows no kernel: run apt-get update")
        tree = self.folder / package[1]
        if not tree.exists():
            self.tell(f"fetching {package[1]} (70 MB), once")
            with tempfile.TemporaryDirectory(dir=self.folder) as place:
                command("apt-get", "download", package[1], cwd=place)
                command("dpkg-deb", "-x", next(pathlib.Path(place).glob("*.deb")), f"{place}/tree")
                os.rename(f"{place}/tree", tree)
        self.kernel = next((tree / "boot").glob("vmlinuz-*"))
        self.modules = next((tree / "lib/modules").iterdir())

    def _in_order(self, wanted):
        """The files of the modules, each behind those that it needs."""
        order = []

        def visit(name):
            file = self.files.get(name.replace("-", "_"))
            if file is None:
                raise Failed(f"this kernel has no module {name}")
            for needed in dependencies(file):
                visit(needed)
            if file not in order:
                order.append(file)

        for name in wanted:
            visit(name)
        return order

    def _make_initramfs(self, later):
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            tree = pathlib.Path(place)
            for name in ("bin", "dev", "proc", "sys", "host", "modules"):
                (tree / name).mkdir()
            shutil.copy(shutil.which("busybox"), tree / "bin/busybox")
            shutil.copy(HERE / "init", tree / "init")
            (tree / "init").chmod(0o755)
            first = self._in_order(ROOT_MODULES)
            for file in first:
                shutil.copy(file, tree / "modules" / file.name)
            (tree / "modules/order").write_text("".join(f"/modules/{f.name}\n" for f in first))
            (self.out / "modules").write_text("".join(f"{f.resolve()}\n" for f in later))
            (self.folder / "initramfs").write_bytes(gzip.compress(cpio(tree), 1))

    def run(self, argv, seconds, log):
        """Runs a command in the guest; its exit code. Told lines go to `tell`, all of them to `log`."""
        script = f"cd {shlex.quote(os.getcwd())} && exec {shlex.join(str(a) for a in argv)}\n"
        (self.out / "command").write_text(script)
        qemu = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024",
            "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio", "-net", "none",
            "-kernel", self.kernel, "-initrd", self.folder / "initramfs",
            "-append", "console=ttyS0 quiet panic=-1",
            "-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap",
            "-virtfs", f"local,path={self.out.resolve()},mount_tag=out,security_model=none",
        ]
        end = time.monotonic() + seconds
        with open(log, "w", encoding="utf-8") as kept:
            child = subprocess.Popen([str(a) for a in qemu], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, start_new_session=True)
            try:
                self._follow(child, kept, end)
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        status = self.out / "status"
        if not status.exists():
            late = f" within {seconds} s" if time.monotonic() >= end else ""
            raise Failed(f"the guest did not come to its end{late}; see {log}")
        return int(status.read_text())

    def _follow(self, child, kept, end):
        import selectors
        selector = selectors.DefaultSelector()
        selector.register(child.stdout, selectors.EVENT_READ)
        os.set_blocking(child.stdout.fileno(), False)
        rest = b""
        while time.monotonic() < end:
            if not selector.select(timeout=1):
                continue
            data = child.stdout.read()
            if data == b"" or data is None:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace").rstrip("\r")
                kept.write(text + "\n")
                kept.flush()
                if text.startswith(READY):
                    self.tell(text[len(READY):])
