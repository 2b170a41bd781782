#!/usr/bin/env bash
# Prove the README's two commands on a bare Debian 12: debootstrap with only the named packages, an empty home,
# no cache; a clone of the committed project. Prints download and run time apart.
# Run as root: tools/fresh_machine.sh [WORK_FOLDER]      (needs debootstrap; about 4 GB of disk)
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
root=$work/debian12
packages=python3,python3-venv,make,git,ca-certificates

[ "$(id -u)" = 0 ] || { echo "fresh_machine: run as root (chroot needs it)" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "fresh_machine: install debootstrap first" >&2; exit 2; }
mkdir -p "$work"
echo "1. debootstrap of Debian 12 with only: $packages"
debootstrap --variant=minbase --include="$packages" bookworm "$root" >"$work/debootstrap.log" 2>&1 ||
    { tail -5 "$work/debootstrap.log" >&2; exit 1; }
for place in proc sys dev; do mkdir -p "$root/$place"; mount --rbind "/$place" "$root/$place"; done
trap 'for place in dev sys proc; do umount -lR "$root/$place" 2>/dev/null || true; done' EXIT
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp /etc/hosts "$root/etc/hosts" 2>/dev/null || true
# A machine behind its own certificate authority: the bare system trusts what this one trusts.
settings=(HOME=/home/user PATH=/usr/bin:/bin LANG=C.UTF-8)
if [ -n "${PIP_CERT:-}" ]; then
    install -D "$PIP_CERT" "$root/etc/fresh-machine/ca.crt"
    settings+=(PIP_CERT=/etc/fresh-machine/ca.crt)
fi
[ -z "${PIP_INDEX_URL:-}" ] || settings+=("PIP_INDEX_URL=$PIP_INDEX_URL")

mkdir -p "$root/home/user"
git clone --quiet "$project" "$root/home/user/sosrake"
inside() { chroot "$root" env -i "${settings[@]}" bash -c "cd /home/user/sosrake && $1"; }
timed() { # name, command
    local start=$SECONDS
    inside "$2"
    echo "   $1: $((SECONDS - start)) s"
}
echo "2. python in the bare system: $(inside 'python3 --version')"
echo "3. the two commands"
timed "set-up (download and install)" "make .venv/core.stamp"
timed "make reports, first run" "make reports"
timed "make reports, nothing changed" "make reports"
timed "test tools (download and install)" "make .venv/dev.stamp"
timed "make test" "make test"
echo "done; the system is in $root"
