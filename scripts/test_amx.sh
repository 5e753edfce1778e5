#!/usr/bin/env bash
# Tests AMX on a machine without it: the kernels' split products, and the program's answers against its twin in plain Rust,
# under Linux in the emulator Bochs, whose model of a Sapphire Rapids has tiles.
#
#     scripts/test_amx.sh SOURCE KERNEL
#
# SOURCE is the unpacked source of Bochs 3.0 (Debian: `apt-get source bochs`), which is mended and built where it lies: see
# mend_bochs.py. KERNEL is a Linux for x86-64 of 5.16 or newer with the serial console built in (/boot/vmlinuz-* of Debian's
# linux-image-cloud-amd64). Also needed, by the names of Debian's packages: g++ make bochsbios vgabios isolinux
# syslinux-common xorriso cpio busybox-static; and AVX-512, so that the twin computes all but the tiles alike. It takes ten
# minutes, besides building.
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,11p' "$0" >&2; exit 2; }
bochs=$(realpath "$1") kernel=$(realpath "$2")
cd "$(dirname "$0")/.."

if [ ! -x "$bochs/bochs" ]; then
    python3 scripts/mend_bochs.py "$bochs"
    (cd "$bochs" && ./configure --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-amx \
        --enable-long-phy-address --enable-all-optimizations --enable-pci --with-nogui --disable-docbook \
        CXXFLAGS='-O2 -fno-strict-aliasing' CFLAGS=-O2 >configure.log && make -j"$(nproc)" >make.log 2>&1)
fi
cargo build --quiet --profile ci
program=${CARGO_TARGET_DIR:-target}/ci/fastmpnn
tests=$(cargo test --profile ci -p fastmpnn-kernels --test it --no-run --message-format json 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,proc,lib64,lib/x86_64-linux-gnu} "$work/disk/isolinux"
cp /bin/busybox "$root/bin/sh"
ldd "$program" "$tests" | grep -o '/[^ ]*\.so[^ ]*' | sort -u | xargs -I{} cp {} "$root/lib/x86_64-linux-gnu/"
cp /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
strip -o "$root/bin/fastmpnn" "$program"
strip -o "$root/bin/kernels" "$tests"
# A backbone so small that a design takes a minute.
awk '/^ATOM/ && substr($0, 23, 4) + 0 <= 24' examples/6MRR.pdb >"$root/small.pdb"

# What is asked of AMX, and of its twin.
cat >"$root/questions" <<'END'
for precision in f32 bf16x3 bf16; do
    fastmpnn score small.pdb --per-residue --precision $precision --quiet --threads 2
    fastmpnn design small.pdb --num-seqs 2 --seed 1 --precision $precision --quiet --threads 2
done
END
cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
echo "=== answers"
. /questions >/answers 2>&1
cat /answers
echo "=== kernels"
kernels split:: --test-threads 2
echo "=== end"
poweroff -f
END
chmod +x "$root/init"
for applet in cat mount poweroff; do ln -s sh "$root/bin/$applet"; done
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/disk/initrd"
cp "$kernel" "$work/disk/linux"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/disk/isolinux/"
# Bochs's BIOS cannot return from system management with five levels of pages.
cat >"$work/disk/isolinux/isolinux.cfg" <<'END'
DEFAULT linux
LABEL linux
  KERNEL /linux
  INITRD /initrd
  APPEND console=ttyS0,115200 quiet mitigations=off nokaslr no5lvl nopcid idle=poll clearcpuid=erms,fsrm,smap,smep,pku
END
xorriso -as mkisofs -quiet -o "$work/disk.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot \
    -boot-load-size 4 -boot-info-table "$work/disk" 2>/dev/null
cat >"$work/bochsrc" <<END
memory: guest=1024, host=1024
cpu: model=sapphire_rapids, count=1, ips=100000000
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$work/disk.iso, status=inserted
boot: cdrom
display_library: nogui
com1: enabled=1, mode=file, dev=$work/serial
log: $work/log
panic: action=fatal
error: action=ignore
pci: enabled=1, chipset=i440fx
END
timeout 3600 "$bochs/bochs" -q -f "$work/bochsrc" >/dev/null 2>&1 || true

tr -d '\r' <"$work/serial" >"$work/said"
grep -q '^=== end' "$work/said" || { tail "$work/log" "$work/said" >&2; echo "Linux did not get to the end of the tests" >&2; exit 1; }
sed -n '/^=== kernels/,$p' "$work/said"
sed -n '/^=== answers/,/^=== kernels/p' "$work/said" | grep -v '^===' >"$work/amx"
(cd "$root" && PATH=$root/bin:$PATH FASTMPNN_ISA=soft-tiles sh -c '. ./questions' 2>&1) >"$work/twin"
diff "$work/twin" "$work/amx"
grep -q '^test result: ok' "$work/said"
echo "AMX and its twin give the same answers"
