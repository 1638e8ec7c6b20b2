#!/usr/bin/env bash
# Makes sure that the tests find a Chromium: $CHROMIUM, one on the PATH, or Debian's.
set -euo pipefail

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && command -v "$name" >/dev/null; then exit 0; fi
done

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
if ! command -v apt-get >/dev/null || ! command -v "${as_root[@]:-true}" >/dev/null; then
  echo "The browser tests need Chromium: install it, or set CHROMIUM to its path." >&2
  exit 1
fi
echo "Installing Chromium"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium >/dev/null
