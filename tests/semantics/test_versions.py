"""Which versions a requirement allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from wandblint.semantics.runs import REINIT_STRINGS_SINCE
from wandblint.semantics.versions import allows, allows_older_than, allows_since


@pytest.mark.parametrize(
    "requirement",
    [
        None,
        "",
        "<1",
        "!=0.19.5",
        ">=0.19",
        ">0.19.8",
        "~=0.19.1",
        "==0.19.*",
        "==0.19.8",
        ">=0.17,<0.30",
        "===0.19.8",
    ],
)
def test_older_versions_are_allowed(requirement: str | None) -> None:
    assert allows_older_than(requirement, REINIT_STRINGS_SINCE)


@pytest.mark.parametrize(
    "requirement", [">=0.19.9", ">=0.20,<1", "~=0.20.0", "==0.31.*", "==0.31.0", ">0.19.9", ">=0.17,>=0.21"]
)
def test_older_versions_are_not_allowed(requirement: str) -> None:
    assert not allows_older_than(requirement, REINIT_STRINGS_SINCE)


@pytest.mark.parametrize(
    ("requirement", "allowed"),
    [
        (None, True),
        (">=0.12", True),
        ("==0.19.*", True),
        ("<=0.19.9", True),
        ("~=0.19.1", True),
        ("!=0.20", True),
        ("!=0.20.*", True),
        ("==0.12.14", False),
        ("==0.18.*", False),
        ("~=0.18.1", False),
        (">=0.12,<0.19.9", False),
        ("<=0.19.8", False),
    ],
)
def test_later_versions(requirement: str | None, allowed: bool) -> None:
    assert allows_since(requirement, REINIT_STRINGS_SINCE) is allowed


VERSIONS = st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 3)).map(
    lambda v: ".".join(map(str, v))
)
SPECIFIERS = st.tuples(st.sampled_from([">=", ">", "==", "~=", "<", "<=", "!="]), VERSIONS).map("".join)


SUFFIXES = st.sampled_from(["", ".*", ".0", "rc1", ".post1"])
ANY_SPECIFIER = st.one_of(
    SPECIFIERS,
    st.tuples(SPECIFIERS, SUFFIXES)
    .map("".join)
    .filter(lambda part: not part.endswith(".*") or part.startswith(("==", "!="))),
)


@given(st.lists(ANY_SPECIFIER, max_size=3), VERSIONS | st.sampled_from(["1", "0.2", "0.3.1.1"]))
def test_allowed_releases_agree_with_pip(parts: list[str], release: str) -> None:
    requirement = ",".join(parts)
    assert allows(requirement, release) is SpecifierSet(requirement).contains(release)


@given(st.lists(SPECIFIERS, max_size=3), VERSIONS, VERSIONS)
def test_no_allowed_older_version_is_overlooked(parts: list[str], older: str, version: str) -> None:
    requirement = ",".join(parts)
    if tuple(map(int, older.split("."))) < tuple(map(int, version.split("."))):
        assert older not in SpecifierSet(requirement) or allows_older_than(requirement, version)


@given(st.lists(SPECIFIERS, max_size=3), VERSIONS, VERSIONS)
def test_no_allowed_later_version_is_overlooked(parts: list[str], later: str, version: str) -> None:
    requirement = ",".join(parts)
    if tuple(map(int, later.split("."))) >= tuple(map(int, version.split("."))):
        assert later not in SpecifierSet(requirement) or allows_since(requirement, version)


@pytest.mark.parametrize("requirement", ["latest", "0.19", ">=", ">=new", ">=0.19 <1"])
def test_invalid_requirements_raise(requirement: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        allows_older_than(requirement, "0.19.9")
    with pytest.raises(ValueError, match=r"."):
        allows_since(requirement, "0.19.9")
    with pytest.raises(ValueError, match=r"."):
        allows(requirement, "0.19.9")
