#!/usr/bin/env bash
# Installs what the bench compares kindling with, into bench/.cache and nowhere else, but for GNU Parallel and simdjson,
# which come from Debian's packages when the script runs as root and is otherwise left for you to install.
#
#   bash bench/install-peers.sh
#
# Already there and not installed by this script: python3 (3.10 or later, with venv) and, for PySpark, Java 17 or later.
# A peer that can't be installed is not an error: `pnpm bench` names it as absent.
set -uo pipefail
cd "$(dirname "$0")"
mkdir -p .cache

NODE24=24.21.0

missing() { printf 'absent: %s (%s)\n' "$1" "$2" >&2; }

if ! command -v python3 >/dev/null; then
  missing 'every Python peer' 'no python3'
elif ! { [ -x .cache/venv/bin/python ] || python3 -m venv .cache/venv; }; then
  missing 'Dask, DuckDB, Luigi, Polars, PySpark' 'python3 -m venv failed'
elif ! .cache/venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt; then
  missing 'Dask, DuckDB, Luigi, Polars, PySpark' 'pip install failed'
fi

command -v java >/dev/null || missing 'PySpark' 'no java'

# The npm package `node` ships Node's own binary.
if [ "$(.cache/node24/node_modules/node/bin/node --version 2>/dev/null)" != "v$NODE24" ]; then
  npm install --prefix .cache/node24 --no-save --no-audit --no-fund --loglevel=error "node@$NODE24" ||
    missing 'kindling on Node 24' 'npm install failed'
fi

if ! command -v parallel >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends parallel; } >/dev/null ||
      missing 'GNU Parallel' 'apt-get failed'
  else
    missing 'GNU Parallel' 'install the package "parallel"'
  fi
fi

# The limit: a C++ program around simdjson.
if [ ! -e /usr/include/simdjson.h ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends libsimdjson-dev; } >/dev/null
fi
g++ -O3 -march=native -pthread -o .cache/simdjson_filter peers/simdjson_filter.cpp -lsimdjson 2>/dev/null ||
  missing 'simdjson' 'needs g++ and the package "libsimdjson-dev"'

echo 'Peers are ready in bench/.cache.'
