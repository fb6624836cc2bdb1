"""Which file of the project an import means."""

from __future__ import annotations

from wandblint.analysis.project.module_index import ModuleIndex


def test_a_single_name_is_not_found_deep_in_another_part_of_the_project() -> None:
    index = ModuleIndex(["examples/llm/app/evaluate.py", "lib/tools.py", "colabs/peft/train.py", "run.py"])
    assert index.find("evaluate", "colabs/peft/train.py") is None
    assert index.find("evaluate", "examples/llm/train.py") == "examples/llm/app/evaluate.py"
    assert index.find("evaluate", "run.py") == "examples/llm/app/evaluate.py"
    assert index.find("app.evaluate", "colabs/peft/train.py") == "examples/llm/app/evaluate.py"
    assert index.find("tools", "colabs/peft/train.py") == "lib/tools.py"
