#!/usr/bin/env bash
# Run a command that is silent or noisy for long, and show in one line what it is doing.
#
#     progress.sh TITLE COMMAND...
#
# On a terminal the line is rewritten every second: time, step, and of a compilation how far it is.
# Elsewhere (CI, a file) a line is printed when another kind of step begins, and every 30 seconds.
# What the command prints goes to a log, whose end is shown if it fails.
set -uo pipefail
title=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
set -m # the command is a process group of its own, so that Ctrl-C ends the compiler as well
"$@" >"$log" 2>&1 </dev/null &
child=$!
set +m
trap 'kill -- "-$child" 2>/dev/null; printf "\n"; exit 130' INT TERM HUP

# The step that pip, or the compiler below it, is at.
step() {
  local line
  line=$(tail -c 20000 "$log" | tr '\r' '\n' | grep -aE \
    '^ *(Collecting|Downloading|Building wheel for|Installing collected|\[ *[0-9]+(%\]|/[0-9]+\]) )' | tail -n 1)
  line=${line#"${line%%[![:space:]]*}"}
  case $line in
    Collecting*) echo "looking for ${line#Collecting }" ;;
    Downloading*) line=${line#Downloading } && line=${line##*/} && echo "downloading ${line%% *}" ;;
    "Installing collected"*) echo "copying packages" ;;
    \[*/*) # ninja: [12/345] Building CXX object …
      line=${line#[} && line=${line%%]*}
      echo "compiling llama.cpp, $((100 * ${line%/*} / ${line#*/})) %" ;;
    \[*%*) line=${line#[} && echo "compiling llama.cpp, $((${line%%%*})) %" ;; # make: [ 45%] …
    Building*) line=${line#Building wheel for } && echo "building ${line%% *}" ;;
    *) echo "starting" ;;
  esac
}

begin=$SECONDS shown='' said=0
while kill -0 "$child" 2>/dev/null; do
  now=$(step) spent=$((SECONDS - begin))
  clock=$(printf '%d:%02d' $((spent / 60)) $((spent % 60)))
  if [ -t 1 ]; then
    printf '\r\033[K%s  %s: %.50s' "$clock" "$title" "$now"
  elif [ "${now%% *}" != "$shown" ] || [ $((spent - said)) -ge 30 ]; then
    printf '%s  %s: %.50s\n' "$clock" "$title" "$now"
    shown=${now%% *} said=$spent
  fi
  sleep 1
done
wait "$child"
status=$?
spent=$((SECONDS - begin))
[ -t 1 ] && printf '\r\033[K'
if [ "$status" -eq 0 ]; then
  printf '%d:%02d  %s: done\n' $((spent / 60)) $((spent % 60)) "$title"
else
  tail -n 25 "$log"
  printf '%s failed after %d:%02d; above are the last lines of its output.\n' \
    "$title" $((spent / 60)) $((spent % 60)) >&2
fi
exit "$status"
