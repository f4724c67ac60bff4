#!/usr/bin/env bash
# Installs what perilune needs on Debian 12, and says what it installs. Safe to run again: what is there is left alone.
#   tools/setup.sh run    what `make demo` needs: Chromium, Redis, the libraries of the build
#   tools/setup.sh test   the same, and the servers and clients of `make test`, all kept under target/tools
# Rust is expected to be there; `test` also expects Go, Node and Python 3.11 or later.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-run}
case "$want" in run | test) ;; *) echo "usage: tools/setup.sh run|test" >&2; exit 2 ;; esac
root=$PWD/target/tools
mkdir -p "$root"

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
need() { command -v "$1" >/dev/null || die "$1 is missing: install $2 first"; }
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else
    command -v sudo >/dev/null || die "this needs root: install sudo, or run as root: $*"
    sudo "$@"
  fi
}

need cargo "Rust 1.95 or later (rustup)"
if [ "$want" = test ]; then
  need go "Go 1.24 or later, which builds the LiveKit server,"
  need npm "Node 20 or later"
fi

# ---- system packages -------------------------------------------------------------------------------------------------
packages=(chromium chromium-headless-shell redis-server libvpx-dev pkg-config cmake nasm clang g++ make)
[ "$want" = test ] && packages+=(python3-venv)
missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done

# A redis-server that the package starts for the whole system is not wanted: tests and `redis.url = "auto"` start their
# own. Debian asks policy-rc.d before it starts a service; one that is already there is left as it is.
policy=/usr/sbin/policy-rc.d
apt_install() {
  local made=no failed=no
  if [ ! -e "$policy" ]; then
    made=yes
    printf '#!/bin/sh\nexit 101\n' >"$root/policy-rc.d"
    as_root install -m 0755 "$root/policy-rc.d" "$policy"
    # Also when the installation is interrupted: it would stop the services of later packages from starting.
    trap 'as_root rm -f "$policy"' EXIT
  fi
  as_root apt-get -o DPkg::Lock::Timeout=300 update -qq >"$root/apt.log" 2>&1 || failed=yes
  [ "$failed" = yes ] || as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >>"$root/apt.log" 2>&1 || failed=yes
  if [ "$made" = yes ]; then as_root rm -f "$policy"; trap - EXIT; fi
  if [ "$failed" = yes ]; then
    tail -n 20 "$root/apt.log" >&2
    die "apt-get failed; its whole output is in target/tools/apt.log"
  fi
}
if [ ${#missing[@]} = 0 ]; then
  say "Debian packages: all there"
else
  command -v apt-get >/dev/null || die "this is no Debian; install what these Debian packages hold: ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  apt_install "${missing[@]}"
fi
[ "$want" = test ] || exit 0

# ---- LiveKit server: built from the Go module proxy, because its go.mod has replace directives -----------------------
livekit=v1.13.5
if [ "$("$root/livekit-server" --version 2>/dev/null | awk '{print $NF}')" = "${livekit#v}" ]; then
  say "LiveKit server $livekit: there"
else
  say "building LiveKit server $livekit (about 3 minutes the first time)"
  src=$root/livekit-src
  [ ! -e "$src" ] || { chmod -R u+w "$src" && rm -rf "$src"; }
  module=$(cd / && go mod download -json "github.com/livekit/livekit-server@$livekit") ||
    die "the Go module proxy did not give livekit-server $livekit: $module"
  cp -r "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["Dir"])' "$module")" "$src"
  chmod -R u+w "$src"
  (cd "$src" && go build -o "$root/livekit-server.new" ./cmd/server)
  mv "$root/livekit-server.new" "$root/livekit-server"
  rm -rf "$src"
fi

# ---- clients of the tests, in the versions that tests/peers pins -----------------------------------------------------
# Installs once for each content of the file that pins, and again when what it installed is gone.
#   clients NAME FILE WHAT_IT_INSTALLS COMMAND
clients() {
  local name=$1 file=$2 installed=$3 install=$4 sum
  sum=$(sha256sum "$file" | cut -d' ' -f1)
  if [ -e "$installed" ] && [ "$(cat "$root/$name.stamp" 2>/dev/null || true)" = "$sum" ]; then
    say "$name clients: there"
    return
  fi
  say "installing the $name clients that $file pins"
  rm -f "$root/$name.stamp"
  "$install"
  printf '%s' "$sum" >"$root/$name.stamp"
}
python_clients() {
  # An environment that was left half made, or by a Python that is gone, is made anew.
  "$root/venv/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$root/venv"
  "$root/venv/bin/python" -m pip install -q --disable-pip-version-check -r tests/peers/requirements.txt
}
miniwob_pages() {
  # Only the pages are wanted: what the package depends on drives another browser.
  rm -rf "$root/miniwob"
  "$root/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --target "$root/miniwob" \
    -r tests/peers/miniwob.txt
}
node_clients() {
  mkdir -p "$root/node"
  cp tests/peers/package.json "$root/node/package.json"
  (cd "$root/node" && npm install --silent --no-audit --no-fund --no-package-lock)
}
clients python tests/peers/requirements.txt "$root/venv/bin/python" python_clients
clients miniwob tests/peers/miniwob.txt "$root/miniwob/miniwob/html" miniwob_pages
clients node tests/peers/package.json "$root/node/node_modules" node_clients
say "done"
