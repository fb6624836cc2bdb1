"""The order in which attributes are looked up in a class and its bases."""

from __future__ import annotations

from wandblint.analysis.domain.values import Class, ClassInfo
from wandblint.analysis.objects.classes import mro, set_bases
from wandblint.facts import ClassDef

from ..projects import keys_of, script


def class_named(name: str, *bases: ClassInfo) -> ClassInfo:
    info = ClassInfo("train.py", name, ClassDef(0, 1, name, 0, [], [], []))
    set_bases(info, [Class(base) for base in bases])
    return info


def test_a_definition_that_runs_again_with_the_same_bases_keeps_the_order() -> None:
    """Each entry point executes the definitions that it needs; a chain of 200 classes took it minutes."""
    base = class_named("Base")
    heir = class_named("Heir", base)
    order = mro(heir)

    set_bases(base, [])
    set_bases(heir, [Class(base)])

    assert mro(heir) is order
    assert order == (heir, base)


def test_a_class_whose_bases_change_changes_the_order_of_all_its_heirs() -> None:
    old, new = class_named("Old"), class_named("New")
    base = class_named("Base", old)
    heir = class_named("Heir", base)
    grandchild = class_named("Grandchild", heir)
    assert mro(grandchild) == (grandchild, heir, base, old)

    set_bases(base, [Class(new)])

    assert mro(grandchild) == (grandchild, heir, base, new)
    assert mro(base) == (base, new)


def test_bases_that_inherit_from_each_other_end() -> None:
    first = class_named("First")
    second = class_named("Second", first)
    set_bases(first, [Class(second)])

    assert mro(first) == (first, second)


def test_the_order_is_nearest_first() -> None:
    root = class_named("Root")
    left, right = class_named("Left", root), class_named("Right", root)

    assert mro(class_named("Both", left, right))[1:] == (left, right, root)


def test_methods_are_found_in_the_class_that_a_factory_currently_inherits_from() -> None:
    body = """
        class A:
            def name(self): return "a"
        class B:
            def name(self): return "b"
        for base in (A, B):
            class C(base):
                pass
            run.log({C().name(): 1})
    """
    assert keys_of(script(body)) == {"a", "b"}
