# shellcheck shell=bash
# Sourced by the scripts beside it; not a program.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034  # read by the scripts
readonly root

# A build user without a writable home still gets a compiler cache.
if [[ -z ${CCACHE_DIR:-} ]] && ! mkdir -p "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ccache" 2>/dev/null; then
  export CCACHE_DIR=$root/build/ccache
fi

say() { printf '%s: %s\n' "$(basename "$0")" "$1" >&2; }

fail() {
  say "$1"
  exit "${2:-1}"
}

# Compilers that run at once: one per core, but each may need 1.5 GB. AUDITFLOW_JOBS overrides it.
job_count() {
  local cores memory_kib by_memory
  cores=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  by_memory=$((${memory_kib:-1572864} / 1572864))
  ((by_memory >= 1)) || by_memory=1
  echo "${AUDITFLOW_JOBS:-$((cores < by_memory ? cores : by_memory))}"
}

# build PRESET [TARGET...]: configures what is not configured yet, then builds. Where nothing changed
# this takes well under a second.
build() {
  local preset=$1
  shift
  configure "$preset"
  cmake --build "$root/build/$preset" --parallel "$(job_count)" ${1+--target "$@"}
}

configure() {
  local folder=$root/build/$1
  if [[ ! -f $folder/build.ninja ]]; then
    (cd "$root" && cmake --preset "$1") || fail "configuring the preset $1 failed"
  elif ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    # The tree was moved or copied: CMake would refuse.
    (cd "$root" && cmake --preset "$1" --fresh) || fail "configuring the preset $1 failed"
  fi
}

# Prints the leading comment of the calling script as its help.
print_help() {
  sed -n '2,/^[^#]/ { /^#/ { s/^# \{0,1\}//; p } }' "$0"
}
