# shellcheck shell=bash
# What the scripts of this folder, of tests/ and .ci/run share: packages, the build, running tests. Sourced by bash.
# Nothing here changes the current directory, so that a caller's relative paths stay right.

set -u -o pipefail
root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

passed=0
failed=0

die() {
  printf '%s: error: %s\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

fuzz_target='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'

# have KIND NAME: whether a line of packages.txt is satisfied.
have() {
  case $1 in
    command) command -v "$2" >/dev/null ;;
    library) pkg-config --exists "$2" 2>/dev/null ;;
    header) printf '#include <%s>\n' "$2" | c++ -E -x c++ - >/dev/null 2>&1 ;;
    file) [ -e "$2" ] ;;
    clang) printf '#include <%s>\n' "$2" | clang++ -fopenmp -E -x c++ - >/dev/null 2>&1 ;;
    fuzzer) printf '%s\n' "$fuzz_target" | clang++ "-fsanitize=$2" -o /dev/null -x c++ - >/dev/null 2>&1 ;;
    *) die "tools/packages.txt: unknown kind of check: $1" ;;
  esac
}

# Sets the array `missing` to the packages of packages.txt whose check fails, and `wished` to those of them
# that are optional.
find_missing() {
  missing=()
  wished=()
  local package kind name need
  while read -r package kind name need; do
    case $package in '' | '#'*) continue ;; esac
    have "$kind" "$name" && continue
    case $need in
      optional) wished+=("$package") ;;
      ci) [ -z "${in_ci:-}" ] || wished+=("$package") ;;
      *) missing+=("$package") ;;
    esac
  done <"$root/tools/packages.txt"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# with_lists COMMAND...: quietly; the package lists are fetched only where the command fails without them.
with_lists() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null ||
    { as_root apt-get update -qq >"$log" 2>&1 </dev/null && "$@" >>"$log" 2>&1 </dev/null; } || status=$?
  [ "$status" = 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

apt_install() {
  with_lists as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
  find_missing
  [ ${#missing[@]} = 0 ] && return
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
    echo "Installing with apt-get: ${missing[*]}"
    { [ ${#wished[@]} != 0 ] && apt_install "${missing[@]}" "${wished[@]}" 2>/dev/null; } ||
      apt_install "${missing[@]}" || die "apt-get could not install what is missing: ${missing[*]}"
    find_missing
  fi
  [ ${#missing[@]} = 0 ] ||
    die "not found, and not to be installed from here: ${missing[*]} (Debian's names; tools/packages.txt)"
}

# logged COMMAND...: quietly; what it said is shown where it fails.
logged() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" = 0 ] || tail -n 60 "$log" >&2
  rm -f "$log"
  return "$status"
}

# configure DIR [MESON OPTION...]: a build folder below the root; release unless the options differ.
configure() {
  local dir=$root/$1
  shift
  # A build folder that was copied along with the sources would go on building the ones it came from.
  if [ -e "$dir" ] && ! grep -qsF "\"source\": \"$root\"" "$dir/meson-info/meson-info.json"; then
    rm -rf "$dir"
  fi
  [ -e "$dir/build.ninja" ] || logged meson setup "$dir" "$root" "$@" || die "meson could not set up $dir"
}

# Another compiler's library and program; what tests/fuzz adds is built where it is asked for.
configure_clang() { CXX=clang++ configure build-clang -Dtests=false -Dexamples=false -Dbench=false; }

# compile DIR [TARGET...]: on a terminal ninja's own line shows how far it is, elsewhere it is quiet.
compile() {
  echo "Building in $1 ..."
  local dir=$root/$1
  shift
  if [ -t 1 ]; then
    ninja -j "$(nproc)" -C "$dir" "$@" || die "the build failed"
  else
    logged ninja -j "$(nproc)" -C "$dir" "$@" || die "the build failed"
  fi
}

# run_tests PROGRAM [OPTION...]: runs a doctest program, shows what it prints, and adds its cases to
# `passed` and `failed`. One that crashes before its summary, or runs no case, counts as a failure.
run_tests() {
  local log summary status=0
  log=$(mktemp)
  "$@" </dev/null 2>&1 | tee "$log" || status=$?
  summary=$(sed -nE 's/^\[doctest\] test cases: +([0-9]+) \| +([0-9]+) passed \| +([0-9]+) failed.*/\2 \3/p' "$log" | tail -n 1)
  rm -f "$log"
  local good bad
  read -r good bad <<<"${summary:-0 0}"
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$bad" = 0 ] && { [ "$good" = 0 ] || [ "$status" != 0 ]; }; then
    echo "No test ran to its end (exit code $status)."
    failed=$((failed + 1))
  fi
}

# check NAME COMMAND...: one more test, passed if the command succeeds.
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "passed: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
  fi
}

report() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
