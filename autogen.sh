#!/bin/sh
# Makes ./configure from configure.ac; needed once in a git checkout.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --warnings=all,no-obsolete
