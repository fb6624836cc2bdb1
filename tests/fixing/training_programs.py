"""Generated training programs, in which several rules find something.

Between the statements are lines that no fix concerns; each is unique.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

STAGES = ("fit", "fit_robust", "val")
"""The second is easily mistaken for the first."""
METRICS = ("loss", "lr")
UNRELATED_LINES = (
    "# note {}: run.log(step=epoch)",
    'text_{} = "wandb.init(reinit=True)"',
    "",
    "number_{} = {{'é': 1,   \"界\": 2}}  # kept as it is",
    "if True: lazy_{} = (lambda : 0)",
)


@dataclass
class Program:
    """A project: its files, and the lines of each that must stay."""

    files: dict[str, str] = field(default_factory=dict)
    unrelated_lines: dict[str, list[str]] = field(default_factory=dict)


class ProgramWriter:
    """Writes the files of a program line by line."""

    def __init__(self, draw: st.DrawFn, *, runnable: bool) -> None:
        self._draw = draw
        self._runnable = runnable
        self._numbers = count(1)
        self.program = Program()

    def choose(self, *choices: str) -> str:
        return self._draw(st.sampled_from(choices))

    def maybe(self) -> bool:
        return self._draw(st.booleans())

    def choose_several(self, *choices: str) -> list[str]:
        return self._draw(st.lists(st.sampled_from(choices), unique=True, min_size=1, max_size=3))

    def file(self, name: str, lines: list[str]) -> None:
        written: list[str] = []
        unrelated: list[str] = []
        for line in lines:
            written += line.split("\n")
            # After a line that opens a block only the block may follow.
            if not line.endswith((":", "(", "{", ",", "\\")) and self.maybe():
                indent = line[: len(line) - len(line.lstrip())].split("\n")[-1]
                unrelated_line = self.choose(*UNRELATED_LINES).format(next(self._numbers))
                written.append(f"{indent}{unrelated_line}" if unrelated_line else "")
                unrelated += [written[-1]] if unrelated_line else []
        self.program.files[name] = "\n".join([*written, ""])
        self.program.unrelated_lines[name] = unrelated

    def init(self) -> str:
        arguments = ['project="p"', *(["reinit=True"] if self.maybe() else [])]
        if not self._runnable and self.maybe():
            arguments.append('settings=wandb.Settings(start_method="thread")')
        suppression = self.choose("", "", "  # wandblint: ignore[WB101] on purpose", "  # the run")
        return f"wandb.init({', '.join(arguments)}){suppression}"

    def definitions(self, indent: str) -> list[str]:
        stages = self.choose_several(*STAGES)
        if self.maybe():
            return [
                f"{indent}for stage in {stages!r}:",
                f'{indent}    run.define_metric(f"{{stage}}/*", step_metric=f"{{stage}}/epoch")',
            ]
        ends = ("", "", "  # an axis", "  # wandblint: ignore[WB202] by hand")
        return [
            f'{indent}run.define_metric("{stage}/*", step_metric="{stage}/epoch"){self.choose(*ends)}'
            for stage in stages
        ]

    def log(self, indent: str) -> list[str]:
        """Statements that log a row, in a loop over `epoch`."""
        stage, metric = self.choose(*STAGES), self.choose(*METRICS)
        key = f'"{stage}/{metric}"'
        step = self.choose(
            "", ", step=epoch", ", step=epoch + 1", ", step=(epoch)", ", commit=True, step=epoch"
        )
        axis = self.choose("", "", f', "{stage}/epoch": epoch')
        match self.choose("literal", "lines", "variable", "dict", "wrapper", "f-string", "each", "sum"):
            case "literal":
                return [f"{indent}run.log({{{key}: 1 / (epoch + 1){axis}}}{step})  # é"]
            case "lines":
                row = f"{indent}        {key}: 0.5,  # the {metric}\n"
                step = f"{indent}    step=epoch,\n" if step else ""
                return [f"{indent}run.log(\n{indent}    {{\n{row}{indent}    }},\n{step}{indent})"]
            case "variable":
                return [f"{indent}row = {{{key}: epoch / 2{axis}}}", f"{indent}run.log(row{step})"]
            case "dict":
                return [f"{indent}run.log(dict([({key}, 0.1)]){step}); last = epoch"]
            case "wrapper":
                return [f'{indent}log_stage(run, "{stage}", "{metric}", epoch)']
            case "f-string":
                return [
                    f'{indent}for name in ("{metric}", "{stage}"):',
                    f"{indent}    key = f'{stage}/{{name}}'",
                    f"{indent}    run.log({{key: 0.5}}{step})",
                ]
            case "each":
                return [
                    f'{indent}for name, value in {{"{metric}": 1.0, "{stage}": 0.5}}.items():',
                    f'{indent}    run.log({{f"plain/{{name}}": value}})',
                ]
            case _:
                return [f"{indent}run.log(({{{key}: 0.5}} or {{}}){step})"]

    def before_the_loop(self) -> list[str]:
        choices = [
            [],
            ["old = None", 'if old is not None:\n    old.log({"fit/old": 1})'],
            ['run.summary = {"note": 1}', 'run.summary = {\n    "note": 1,  # one\n}'],
            ["old = None", "if old is None:", "    number = 1", "print(number)"],
            ["old = None", 'if old:\n    old.log({"fit/old": 1})\nelse:\n    number = 1', "print(number)"],
            ["old = None", 'if run.id == "x":\n    number = 1\nelif old:\n    old.log({"fit/old": 1})'],
            ["def report():\n    old.log({'fit/old': 1})", "old = None", "if old:\n    report()"],
        ]
        with_removed_api = [
            ["print(run.get_url())", "url = (run.get_url())"],
            [
                'for seed in (1, 2):\n    again = wandb.init(project="q")\n    for _ in "ab":\n'
                '        again.log({"seed": seed})',
            ],
        ]
        return self._draw(st.sampled_from(choices if self._runnable else choices + with_removed_api))

    def end(self) -> str:
        if self._runnable:
            return "run.finish()"
        return self.choose(
            "run.finish()", "run.join()", "run.join()  # wandblint: ignore[WB701]", "os._exit(0)"
        )


@st.composite
def programs(draw: st.DrawFn, *, runnable: bool = False) -> Program:
    """A project of a script and a logging module; `runnable` leaves out API that wandb has removed."""
    writer = ProgramWriter(draw, runnable=runnable)
    step = writer.choose("", ", step=epoch", ", step=epoch")
    writer.file(
        "tracking.py",
        [
            "import wandb",
            "def start():",
            '    """Opens a run.\n    wandb.init(reinit=True)\n    """',
            f"    run = {writer.init()}",
            *writer.definitions("    "),
            "    return run",
            "def log_stage(run, stage, metric, epoch):",
            '    key = f"{stage}/{metric}"',
            f"    run.log({{key: 1.0}}{step})",
        ],
    )
    writer.file(
        "train.py",
        [
            "import os",
            "import wandb",
            "from tracking import log_stage, start",
            "run = start()",
            *(writer.definitions("") if writer.maybe() else []),
            *writer.before_the_loop(),
            "for epoch in range(3):",
            *writer.log("    "),
            *writer.log("    "),
            *writer.log("    "),
            writer.end(),
        ],
    )
    if writer.maybe():
        writer.file("other.py", ["import wandb", f"run = {writer.init()}", 'run.log({"other": 1})'])
    writer.program.files["pyproject.toml"] = writer.choose(
        "", '[project]\nname = "p"\ndependencies = ["wandb>=0.20"]\n'
    )
    return writer.program
