"""Dataclasses and models that a library fills: methods are followed, fields are unknown."""

from __future__ import annotations

import pytest

from tests.analysis.projects import keys_of, script

DATACLASS = """
from dataclasses import dataclass, field
@dataclass
class Names:
    prefix: str = "default"
    def row(self):
        return {"nested": 1}
@dataclass
class Args:
    key: str = "default"
    names: Names = field(default_factory=Names)
    def row(self):
        return {"a": 1}
"""
MODEL = (
    DATACLASS.replace("@dataclass\n", "").replace("Names:", "Names(BASE):").replace("Args:", "Args(BASE):")
)

FILLED = {
    "dacite": "from dacite import from_dict\nargs = from_dict(data_class=Args, data=data)",
    "tyro": "import tyro\nargs = tyro.cli(Args, description='x')",
    "simple_parsing": "import simple_parsing\nargs = simple_parsing.parse(Args)",
    "draccus": "import draccus\nargs = draccus.parse(config_class=Args)",
    "cattrs": "import cattrs\nargs = cattrs.structure(data, Args)",
    "transformers": "from transformers import HfArgumentParser\n"
    "args, rest = HfArgumentParser((Args, Names)).parse_args_into_dataclasses()",
    "transformers, one class": "from transformers import HfArgumentParser\n"
    "parser = HfArgumentParser(Args)\nargs, = parser.parse_yaml_file('x')",
    "transformers, a list": "import transformers\nparser = transformers.HfArgumentParser([Names, Args])\n"
    "_, args, rest = parser.parse_args_into_dataclasses(return_remaining_strings=True)",
    "omegaconf": "from omegaconf import OmegaConf\nargs = OmegaConf.structured(Args)",
    "omegaconf, an instance": "from omegaconf import OmegaConf\nargs = OmegaConf.structured(Args(key='x'))",
    "omegaconf, merged": "from omegaconf import OmegaConf\nargs = OmegaConf.to_object("
    "OmegaConf.merge(OmegaConf.structured(Args), OmegaConf.from_cli()))",
}

MODELS = {
    "pydantic": ("from pydantic import BaseModel", "Args.model_validate(data)"),
    "pydantic 1": ("from pydantic import BaseModel", "Args.parse_obj(data)"),
    "keywords": ("from pydantic import BaseModel", "Args(**data)"),
    "settings": ("from pydantic_settings import BaseSettings", "Args()"),
    "a base class": (
        "from pydantic import BaseModel\nclass BASE(BaseModel):\n    pass",
        "Args.model_validate(data)",
    ),
}


def of_args(made: str, body: str) -> set[str]:
    return keys_of(script(f"import sys\ndata = eval(sys.argv[1])\n{made}\n{body}\n"))


@pytest.mark.parametrize("name", FILLED)
def test_a_filled_dataclass(name: str) -> None:
    made = DATACLASS + FILLED[name]
    assert of_args(made, "run.log(args.row())") == {"a"}
    assert of_args(made, "run.log(args.names.row())") == {"nested"}
    assert of_args(made, "run.log({args.key: 1})") == {"..."}


@pytest.mark.parametrize("name", MODELS)
def test_a_filled_model(name: str) -> None:
    imports, made = MODELS[name]
    base = "BaseSettings" if "BaseSettings" in imports else "BASE" if "BASE" in imports else "BaseModel"
    made = f"{imports}\n{MODEL.replace('BASE', base)}\nargs = {made}"
    assert of_args(made, "run.log(args.row())") == {"a"}
    if "Args()" not in made and "**" not in made:
        # Nobody says that the code itself does not pass something else.
        assert of_args(made, "run.log(args.names.row())") == {"nested"}
    assert of_args(made, "run.log({args.key: 1})") == {"..."}


def test_a_decorator_that_adds_the_method() -> None:
    made = "from dataclasses_json import dataclass_json\n" + DATACLASS.replace(
        "@dataclass\nclass Args", "@dataclass_json\n@dataclass\nclass Args"
    )
    assert of_args(f"{made}args = Args.from_dict(data)", "run.log(args.row())") == {"a"}


def test_defaults_that_nothing_replaces_are_known() -> None:
    made = f"from pydantic import BaseModel\n{MODEL.replace('BASE', 'BaseModel')}\nargs = Args()"
    assert of_args(made, "run.log({args.key: 1})") == {"default"}


def test_a_default_is_not_certain_where_only_another_field_is_set() -> None:
    # Nothing creates `Args`, but its method sets a field.
    reset = "    def reset(self):\n        self.names = Names()\n        run.log({'reset': 1})\n    def row"
    body = "def main(args: Args):\n    args.reset()\n    run.log({args.key: 1})\nmain(make())"
    imports = "from company import make\n"
    assert of_args(imports + DATACLASS.replace("    def row", reset), body) == {"reset", "default", "..."}


def test_what_is_done_after_filling_counts() -> None:
    made = DATACLASS + "    def __post_init__(self):\n        run.log({'post': 1})\n" + FILLED["tyro"]
    assert of_args(made, "") == {"post"}


def test_a_function_is_still_called() -> None:
    body = "def main(args):\n    run.log({'a': 1})\ntyro.cli(main)"
    assert of_args(f"{DATACLASS}import tyro", body) == {"a"}


@pytest.mark.parametrize("made", ["parse(Args)", "Args.load(data)", "tyro.cli(choose(Args))"])
def test_other_functions_make_anything(made: str) -> None:
    imports = "import tyro\nfrom company import choose, parse\n"
    keys = of_args(f"{imports}{DATACLASS}args = {made}", "run.log(args.row())")
    assert keys in ({"..."}, set())
