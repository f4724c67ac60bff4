#!/usr/bin/env bash
# Installs what perilune needs on Debian 12, and says what it installs. Safe to run again: what is there is left alone.
#   tools/setup.sh run    what `make demo` needs: Chromium, Redis, the libraries of the build
#   tools/setup.sh test   the same, and the servers and clients of `make test`, all kept under target/tools
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-run}
case "$want" in run | test) ;; *) echo "usage: tools/setup.sh run|test" >&2; exit 2 ;; esac
root=$PWD/target/tools
mkdir -p "$root"

say() { printf 'setup: %s\n' "$*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# ---- system packages -------------------------------------------------------------------------------------------------
packages=(chromium chromium-headless-shell redis-server libvpx-dev pkg-config cmake nasm clang make)
[ "$want" = test ] && packages+=(python3-venv ffmpeg)
missing=()
for p in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  # The tests and `redis.url = "auto"` start their own redis-server; a system-wide one started by the package is not wanted.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$root/apt.log" 2>&1 ||
    { tail -n 20 "$root/apt.log" >&2; say "apt-get failed; its whole output is in target/tools/apt.log"; exit 1; }
else
  say "Debian packages: all there"
fi
command -v cargo >/dev/null || { say "cargo is missing: install Rust 1.95 or later with rustup first"; exit 1; }
[ "$want" = test ] || exit 0

# ---- LiveKit server: built from the Go module proxy, because its go.mod has replace directives -----------------------
livekit=v1.13.5
if [ "$("$root/livekit-server" --version 2>/dev/null | awk '{print $NF}')" != "${livekit#v}" ]; then
  command -v go >/dev/null || { say "go is missing: install Go 1.24 or later first (it builds the LiveKit server)"; exit 1; }
  say "building LiveKit server $livekit (about 3 minutes the first time)"
  dir=$(cd / && go mod download -json "github.com/livekit/livekit-server@$livekit" | python3 -c 'import json,sys; print(json.load(sys.stdin)["Dir"])')
  rm -rf "$root/livekit-src"
  cp -r "$dir" "$root/livekit-src"
  chmod -R u+w "$root/livekit-src"
  (cd "$root/livekit-src" && go build -o "$root/livekit-server" ./cmd/server)
  rm -rf "$root/livekit-src"
else
  say "LiveKit server $livekit: there"
fi

# ---- stylua for `make check` -------------------------------------------------------------------------------------------
# ---- clients of the tests, in the versions that tests/peers pins -------------------------------------------------------
stamp() { # name, file that pins, command...: runs the command once per content of the file
  local name=$1 file=$2 sum; shift 2
  sum=$(sha256sum "$file" | cut -d' ' -f1)
  if [ "$(cat "$root/$name.stamp" 2>/dev/null || true)" = "$sum" ]; then say "$name clients: there"; return; fi
  say "installing the $name clients that $file pins"
  "$@" && printf '%s' "$sum" >"$root/$name.stamp"
}
python_clients() {
  [ -x "$root/venv/bin/python" ] || python3 -m venv "$root/venv"
  "$root/venv/bin/pip" install -q --disable-pip-version-check -r tests/peers/requirements.txt
}
node_clients() {
  mkdir -p "$root/node"
  cp tests/peers/package.json "$root/node/package.json"
  (cd "$root/node" && npm install --silent --no-audit --no-fund --no-package-lock)
}
stamp python tests/peers/requirements.txt python_clients
stamp node tests/peers/package.json node_clients
say "done"
