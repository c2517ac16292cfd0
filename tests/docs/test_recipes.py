"""The recipes of the guide do what they say: each is run by a real bash in a home of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.terminal import PATH, ROOT

# The title of each recipe, and its script.
RECIPES: dict[str, str] = dict(
    re.findall(
        r"^## ([^\n]+)\n(?:(?!^## ).)*?^```sh\n(.*?)^```$",
        (ROOT / "docs" / "guide" / "recipes.md").read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
)


class Person:
    """Somebody with a home, who types into bash."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "HOME": str(home), "PATH": PATH, "PYTHONPATH": str(ROOT), "LTM_NOW": NOW,
            "LANG": "C.UTF-8", "GIT_CONFIG_GLOBAL": "/dev/null",
        }  # fmt: skip

    def types(self, script: str, *shell: str, status: int = 0, **environment: str) -> str:
        done = subprocess.run(
            [*(shell or ("bash", "-c")), script], cwd=self.home,
            env=self.environment | environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def follows(self, beginning: str, then: str = "", **environment: str) -> str:
        """Run the recipe whose title begins so."""
        return self.types("set -eo pipefail\n" + recipe(beginning) + then, **environment)


def recipe(beginning: str) -> str:
    [found] = [block for title, block in RECIPES.items() if title.startswith(beginning)]
    return found


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")


def test_each_recipe_has_a_test() -> None:
    said = set(re.findall(r"(?:follows|recipe)\(\"([^\"]+)\"", Path(__file__).read_text("utf-8")))
    assert {next(t for t in RECIPES if t.startswith(one)) for one in said} == set(RECIPES)
    assert len(RECIPES) >= 7


def test_completion_and_man_page(person: Person) -> None:
    person.follows("TAB completion")
    assert "-F _ltm ltm" in person.types(". ~/.bashrc; complete -p ltm")
    assert (person.home / ".local/share/man/man1/ltm.1").read_text("utf-8").startswith(".TH LTM 1")


def test_what_a_command_says_is_kept(person: Person) -> None:
    assert "Filesystem" in person.follows("Keep the output")


def test_choosing_with_fzf(person: Person) -> None:
    needs("fzf")
    person.types("ltm remember 'Took Mochi to the vet 🐈'; ltm remember 'Mochi likes 三文鱼'")
    shown = person.follows("Choose a memory", FZF_DEFAULT_OPTS="--filter=三文")
    assert "Mochi likes 三文鱼" in shown
    assert "vet" not in shown


def test_cron_mails_what_is_due(person: Person) -> None:
    """As cron runs it: by sh, with little in its environment."""
    line = recipe("Mail what is due").splitlines()[-1]
    schedule = re.fullmatch(r"((?:\S+ ){5}) *(.*)", line)
    assert schedule is not None
    assert schedule[1] == "0 8 * * * "
    (person.home / ".local/bin").mkdir(parents=True)
    (person.home / ".local/bin/ltm").symlink_to(Path(PATH.partition(":")[0]) / "ltm")
    assert person.types(schedule[2], "/bin/sh", "-c", PATH="/usr/bin:/bin") == ""
    person.types("ltm task add 交季度报告 --due 2024-06-12")
    assert "交季度报告" in person.types(schedule[2], "/bin/sh", "-c", PATH="/usr/bin:/bin")


def test_the_prompt_has_a_mark(person: Person) -> None:
    prompt = "PS1='$ '\n" + recipe("A mark in the prompt") + 'echo "${PS1@P}"'
    assert person.types(prompt) == "$ \n"
    person.types("ltm task add 'Send the report' --due 2024-06-10")
    assert person.types(prompt) == "⏰ $ \n"


def test_commits_are_remembered(person: Person) -> None:
    needs("git")
    person.types("git init -q tea")
    person.types("cd tea\n" + recipe("Remember your commits"))
    commit = "git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m"
    person.types(f"cd tea && {commit} '修复 $(touch hit) 茶壶 🫖' && {commit} 'Second'")
    assert len(person.types("ltm list --tag git --session tea").splitlines()) == 2
    assert "修复 $(touch hit) 茶壶 🫖" in person.types("ltm recall --keyword 茶壶")
    assert not (person.home / "tea/hit").exists()


def test_jq_counts_days(person: Person) -> None:
    needs("jq")
    person.types(f"ltm import '{ROOT}/demo/diary.jsonl'; ltm remember one --at 2024-04-06")
    shown = person.follows("Count with jq").splitlines()
    assert shown[0] == "2024-04-06 2"
    assert len(shown) == 3
