"""Instances that change while they are widened: forcing one attribute may add others."""

from __future__ import annotations

from tests.analysis.projects import keys_of

TOO_LONG = "\n".join(f"                    self.attribute_{number} = {number}" for number in range(130))

PROJECT = {
    "train.py": """
        import wandb
        from engine import Engine

        run = wandb.init()
        engine = Engine({"loss": 1})
        engine.rebuild()
        run.log(engine.row)
        run.log(engine.added)
        """,
    "engine.py": f"""
        class Part:
            def __init__(self, owner):
                owner.added = {{"accuracy": 1}}
                owner.part_of_part = Second(owner)

        class Second:
            def __init__(self, owner):
                owner.added_later = {{}}

        class Engine:
            def __init__(self, row):
                self.row = row
                self.part = Part(self)

            def rebuild(self):
                if self.row or self.added:
{TOO_LONG}
        """,
}


def test_an_attribute_that_adds_attributes_when_it_is_needed() -> None:
    # The call is too long to be followed, so the rows that the instance holds may have any keys.
    assert keys_of(PROJECT) >= {"loss", "..."}


def test_the_attributes_that_it_adds_are_widened_too() -> None:
    source = PROJECT["train.py"].replace("run.log(engine.row)", "")
    assert keys_of({**PROJECT, "train.py": source}) >= {"accuracy", "..."}
