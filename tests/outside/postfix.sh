#!/usr/bin/env bash
# Unpacks Debian's postfix beside this file for its two test programs, smtp-sink and smtp-source. It is not installed and never started.
set -euo pipefail
cd "$(dirname "$0")"
if command -v smtp-sink >/dev/null || [ -x postfix/usr/sbin/smtp-sink ]; then exit 0; fi
if [ "$(id -u)" = 0 ]; then  # the libraries that they are linked with
  apt-get update -qq
  apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances postfix |
    awk '$1 == "Depends:" && $2 ~ /^lib/ { print $2 }' |
    DEBIAN_FRONTEND=noninteractive xargs apt-get install -y -qq --no-install-recommends >/dev/null
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
(cd "$place" && apt-get download -qq -o APT::Sandbox::User=root postfix && dpkg-deb -x postfix_*.deb unpacked)
rm -rf postfix
cp -r "$place/unpacked" postfix
