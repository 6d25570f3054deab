#!/usr/bin/env bash
# Sets Toile up beside this file and starts it. A second start only starts it.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$ROOT"

VENV="$ROOT/.venv"
PY="$VENV/bin/python"
STAMP="$VENV/.toile-installed"
ROOM_GB=8 # a new environment takes about 6.5 GB, the downloads are unpacked beside it

usage() {
  cat <<'TEXT'
./launch.sh [OPTIONS OF THE STUDIO]   set up what is missing, then open the studio
./launch.sh install [EXTRA ...]       set up only; the extras are vision, metrics and dev
./launch.sh test [OPTIONS OF PYTEST]  set up what the tests need, then run them; with --all the slow
                                      ones as well
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

free_kb() { df -Pk "$ROOT" | awk 'NR == 2 { print $4 }'; }

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14 python; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$name"
      return
    fi
  done
  return 1
}

make_environment() {
  local python
  "$PY" -c '' >/dev/null 2>&1 && return
  python="$(find_python)" ||
    die "Toile needs Python 3.11 or newer: install it, or set PYTHON to where it is, and start again."
  [ "$(free_kb)" -ge $((ROOM_GB * 1024 * 1024)) ] ||
    die "Toile needs about $ROOM_GB GB of free disk space in $ROOT: make room and start again."
  [ ! -e "$VENV" ] || [ -e "$VENV/pyvenv.cfg" ] ||
    die "There is a .venv in $ROOT that is no Python environment: move it away and start again."
  say "Making an environment with $("$python" --version) ..."
  rm -rf "$VENV"
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-project --python "$("$python" -c 'import sys; print(sys.executable)')" "$VENV" ||
      die "The environment could not be made: the lines above say why."
  else
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
      die "Python's venv module is missing: install it (on Debian and Ubuntu the package is python3-venv) and start again."
    "$python" -m venv "$VENV" ||
      die "The environment could not be made: the lines above say why."
  fi
}

# uv installs several times as fast as pip; where it cannot be had, pip does the work.
find_installer() {
  if command -v uv >/dev/null 2>&1; then
    UV="$(command -v uv)"
  else
    UV="$VENV/bin/uv"
    "$PY" -m pip --version >/dev/null 2>&1 || "$PY" -m ensurepip >/dev/null 2>&1 || true
    [ -x "$UV" ] || "$PY" -m pip install --quiet --disable-pip-version-check uv >/dev/null 2>&1 ||
      UV=""
  fi
}

install_packages() {
  if [ -n "$UV" ]; then
    UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-300}" "$UV" pip install --python "$PY" "$@"
  else
    "$PY" -m pip install --disable-pip-version-check "$@"
  fi
}

remove_packages() {
  if [ -n "$UV" ]; then
    "$UV" pip uninstall --quiet --python "$PY" "$@"
  else
    "$PY" -m pip uninstall --quiet --yes "$@"
  fi
}

index_answers() {
  local folder answer=0
  folder="$(mktemp -d)"
  if [ -n "$UV" ]; then
    printf 'hatchling\n' | "$UV" pip compile --quiet --no-cache --python "$PY" - >/dev/null 2>&1 || answer=1
  else
    "$PY" -m pip download --quiet --no-cache-dir --no-deps -d "$folder" hatchling >/dev/null 2>&1 || answer=1
  fi
  rm -rf "$folder"
  return "$answer"
}

explain_failure() {
  [ "$(free_kb)" -ge $((512 * 1024)) ] ||
    die "The disk is full: free about $ROOM_GB GB in $ROOT and start again."
  index_answers ||
    die "The package index does not answer: connect to the network, or check the proxy settings, and start again; what is already here is kept."
  die "The packages could not be installed: the lines above say why."
}

# Several builds of OpenCV write into the same folder; the one without windows must be the only one.
keep_one_opencv() {
  local name others=""
  for name in opencv-python opencv-contrib-python; do
    if "$PY" -c "import importlib.metadata as m; m.version('$name')" >/dev/null 2>&1; then
      others="$others $name"
    fi
  done
  [ -n "$others" ] || return 0
  # shellcheck disable=SC2086 # the names are words
  remove_packages $others
  remove_packages opencv-python-headless
  install_packages --quiet --no-deps "$("$PY" -c '
import tomllib
wanted = tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]
print(next(name for name in wanted if name.startswith("opencv-python-headless")))
')"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
    sudo -n "$@"
  else
    return 1
  fi
}

debian_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  say "Installing Debian's $* ..."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

# The drawing library needs OpenGL's loaders, which a bare server may lack.
check_drawing() {
  local problem
  problem="$("$PY" -c 'import skia' 2>&1)" && return
  case "$problem" in
    *libGL* | *libEGL* | *libfontconfig*)
      debian_install libgl1 libegl1 libfontconfig1 || true
      "$PY" -c 'import skia' 2>/dev/null ||
        die "The system's OpenGL libraries are missing: install them (on Debian and Ubuntu the packages are libgl1, libegl1 and libfontconfig1) and start again."
      ;;
    *) die "The drawing library does not load here: $(printf '%s' "$problem" | tail -n 1)" ;;
  esac
}

has_words() { # LIST WORD...: are all the words in the list?
  local list=" $1 " word
  shift
  for word in "$@"; do
    case "$list" in *" $word "*) ;; *) return 1 ;; esac
  done
}

# Once, also where Python is told to write no bytecode: there every start would compile torch anew,
# which takes longer than all the rest. What comes last are the tools of the tests.
compile_imports() {
  env -u PYTHONDONTWRITEBYTECODE -u PYTHONPYCACHEPREFIX "$PY" -c '
import studio.engine.facade, studio.page.page
import torch._dynamo.convert_frame, torch.optim, peft, scipy.optimize
import hypothesis, playwright.sync_api, pytest' >/dev/null 2>&1 || true
}

# The stamp holds pyproject.toml's checksum, then the extras that are installed.
set_up() {
  local sum extras="" word list
  sum="$(cksum <pyproject.toml | tr ' ' '-')"
  if [ -f "$STAMP" ]; then
    extras="$(sed -n 2p "$STAMP")"
    if [ "$(sed -n 1p "$STAMP")" = "$sum" ] && has_words "$extras" "$@" &&
      "$PY" -c '' >/dev/null 2>&1; then
      return
    fi
  fi
  for word in "$@"; do
    case "$word" in
      vision | metrics | dev) ;;
      *) die "There is no extra named $word: give vision, metrics or dev." ;;
    esac
    has_words "$extras" "$word" || extras="${extras:+$extras }$word"
  done
  make_environment
  rm -f "$STAMP"
  find_installer
  list="$(printf '%s' "$extras" | tr ' ' ',')"
  say "Installing Toile's packages (the first time some gigabytes, a few minutes) ..."
  install_packages --editable ".${list:+[$list]}" || explain_failure
  keep_one_opencv || explain_failure
  check_drawing
  compile_imports
  printf '%s\n%s\n' "$sum" "$extras" >"$STAMP"
}

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  return 1
}

case "${1:-}" in
  -h | --help)
    usage
    if [ -f "$STAMP" ]; then exec "$PY" app.py --help; fi
    ;;
  install)
    shift
    set_up "$@"
    say "Toile is set up."
    ;;
  test)
    shift
    set_up dev
    if ! CHROMIUM="$(find_chromium)"; then
      debian_install chromium || true
      CHROMIUM="$(find_chromium)" ||
        die "The tests of the page need Chromium: install it, or set CHROMIUM to where it is, and start again."
    fi
    export CHROMIUM
    # Some tests are quicker without a second worker to start; all are quicker with one. The tests
    # of a file stay together, since they share what they set up, in the order of
    # tests/conftest.py: by their number, a few long ones would be left for the end.
    case " $*" in
      *" tests"* | *" -n"* | *" --pdb"*) exec "$PY" -m pytest "$@" ;;
      *) exec "$PY" -m pytest -n 2 --dist loadfile --no-loadscope-reorder "$@" ;;
    esac
    ;;
  *)
    set_up
    exec "$PY" app.py "$@"
    ;;
esac
