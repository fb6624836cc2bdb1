"""Settings: where they come from, what they mean, and the errors for invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from wandblint.app import registry
from wandblint.app.plugins import VARIABLE
from wandblint.app.settings import DEFAULT_EXCLUDE, Overlay, Settings, load, rule_options
from wandblint.app.settings_errors import Origin, SettingsError


@pytest.fixture(autouse=True)
def _in_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)


def write_settings(text: str) -> Path:
    """Writes a settings file into the working folder."""
    file = Path("wandblint.toml")
    file.write_text(text, encoding="utf-8")
    return file


def error_of(text: str) -> str:
    write_settings(text)
    with pytest.raises(SettingsError) as caught:
        load(Path())
    return str(caught.value)


def test_without_a_file() -> None:
    Path("pyproject.toml").write_text('[project]\nname = "example"\n')
    settings, file = load(Path())
    assert (settings, file) == (Settings(), None)
    assert settings.exclude == list(DEFAULT_EXCLUDE)
    assert settings.respect_gitignore


def test_every_setting() -> None:
    Path("pyproject.toml").write_text(
        """
        [tool.wandblint]
        select = ["WB2", "reinit-bool"]
        ignore = ["WB211"]
        extend-select = ["ALL"]
        exclude = ["old"]
        extend-exclude = ["gen_*.py"]
        respect-gitignore = false
        src = ["lib"]
        wandb-version = ">=0.19"
        [tool.wandblint.per-file-ignores]
        "tests/**" = ["WB1"]
        [tool.wandblint.rules.metric-not-covered]
        strict = true
        """
    )
    Path("src/deep").mkdir(parents=True)
    Path("lib").mkdir()
    settings, file = load(Path("src/deep"))
    assert file is not None
    assert file.resolve() == Path("pyproject.toml").resolve()
    assert settings == Settings(
        select=["WB2", "reinit-bool"],
        ignore=["WB211"],
        extend_select=["ALL"],
        exclude=["old"],
        extend_exclude=["gen_*.py"],
        respect_gitignore=False,
        src=["lib"],
        wandb_version=">=0.19",
        per_file_ignores={"tests/**": ["WB1"]},
        rules={"metric-not-covered": {"strict": True}},
    )
    (rule,) = registry.resolve("metric-not-covered")
    assert rule_options(rule, settings) == {**rule.options, "strict": True}
    assert rule_options(rule, Settings()) == rule.options


def test_wandblint_toml_comes_before_pyproject() -> None:
    Path("pyproject.toml").write_text('[tool.wandblint]\nselect = ["WB1"]\n')
    file = write_settings('select = ["WB2"]')
    assert load(Path())[0].select == ["WB2"]
    assert load(Path(), isolated=True) == (Settings(), None)
    file.unlink()
    assert load(Path())[0].select == ["WB1"]


def test_a_named_file() -> None:
    write_settings('select = ["WB2"]')
    named = Path("ci.toml")
    named.write_text('select = ["WB1"]')
    assert load(Path(), config=named) == (Settings(select=["WB1"]), named)
    assert load(Path(), config=named, isolated=True)[0].select == ["WB1"]


def test_a_byte_order_mark() -> None:
    write_settings('\ufeffselect = ["WB2"]\r\n')
    assert load(Path())[0].select == ["WB2"]


def test_a_file_that_extends_another() -> None:
    Path("team").mkdir()
    Path("lib").mkdir()
    Path("team/pyproject.toml").write_text(
        """
        [tool.wandblint]
        select = ["WB2"]
        src = ["lib"]
        extend-select = ["WB301"]
        extend-exclude = ["old"]
        [tool.wandblint.per-file-ignores]
        "tests/**" = ["ALL"]
        "a.py" = ["WB1"]
        [tool.wandblint.rules.metric-not-covered]
        strict = true
        """
    )
    write_settings(
        """
        extend = "team/pyproject.toml"
        select = ["WB1"]
        extend-select = ["WB211", "WB301"]
        extend-exclude = ["gen"]
        per-file-ignores = { "a.py" = ["WB2"] }
        rules = { metric-not-covered = {} }
        """
    )
    settings, _ = load(Path())
    assert settings == Settings(
        select=["WB1"],
        src=["lib"],
        extend_select=["WB301", "WB211"],
        extend_exclude=["old", "gen"],
        per_file_ignores={"tests/**": ["ALL"], "a.py": ["WB2"]},
        rules={"metric-not-covered": {"strict": True}},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "select = 'WB2'",
            '`select` is "WB2", but must be a list of codes, prefixes like `WB2`, names or `ALL`',
        ),
        ("ignore = ['WB2', 1]", '`ignore` is ["WB2",1], but must be a list of codes'),
        ("respect-gitignore = 'no'", '`respect-gitignore` is "no", but must be true or false'),
        (
            "per-file-ignores = {'a.py' = 'WB1'}",
            '`per-file-ignores` is {"a.py":"WB1"}, but must be a table of',
        ),
        ("src = 2026-01-01", '`src` is "2026-01-01", but must be a list of folders'),
        ("wandb-version = 0.19", '`wandb-version` is 0.19, but must be a version specifier like ">=0.19"'),
        (
            "wandb-version = '0.19'",
            '`wandb-version` is "0.19", but must be a version specifier like ">=0.19"',
        ),
        ("selct = ['WB2']", "unknown setting `selct`; did you mean `select`?"),
        ("extend_select = ['WB2']", "unknown setting `extend_select`; did you mean `extend-select`?"),
        ("extends = 'a.toml'", "unknown setting `extends`; did you mean `extend`?"),
        ("colour = 1", "unknown setting `colour`"),
        ("select = ['WB999']", "`select`: unknown rule `WB999`"),
        ("ignore = ['reinit-bol']", "`ignore`: unknown rule `reinit-bol`; did you mean `reinit-bool`?"),
        ("per-file-ignores = {'a.py' = ['WBX']}", '`per-file-ignores."a.py"`: unknown rule `WBX`'),
        ("fixable = ['WB999']", "`fixable`: unknown rule `WB999`"),
        ("[rules.reinit-boool]", "`rules.reinit-boool`: no rule has this name; did you mean `reinit-bool`?"),
        ("[rules.WB101]", "`rules.WB101`: no rule has this name; did you mean `reinit-bool`?"),
        (
            "[rules.reinit-bool]\na = 1",
            "`rules.reinit-bool.a`: WB101 has no such option; its options are `severity`",
        ),
        (
            "[rules.reinit-bool]\nseverity = 'info'",
            '`rules.reinit-bool.severity` is "info", but must be "error", "warning" or "note"',
        ),
        (
            "[rules.metric-not-covered]\nstrikt = true",
            "`rules.metric-not-covered.strikt`: WB201 has no such option; "
            "its options are `severity`, `strict`; did you mean `strict`?",
        ),
        (
            "[rules.metric-not-covered]\nstrict = 1",
            "`rules.metric-not-covered.strict` is 1, but must be true or false",
        ),
        ("rules = {reinit-bool = 1}", '`rules` is {"reinit-bool":1}, but must be a table of rules'),
        ("extend = ['a.toml']", '`extend` is ["a.toml"], but must be the path of a settings file'),
        ("extend = 'a.toml'", '`extend` is "a.toml", but a.toml does not exist'),
        ("extend = 'wandblint.toml'", "`extend` forms a cycle: wandblint.toml extends wandblint.toml"),
        ("select = [", "not valid TOML: "),
        ("src = ['.', 'nowhere']", '`src` is [".","nowhere"], but nowhere is not a folder of the project'),
        ("src = ['..']", '`src` is [".."], but .. is not a folder of the project'),
        (
            "exclude = ['a', '[z-a]']",
            '`exclude`: the pattern "[z-a]" matches nothing: the range `z-a` is empty',
        ),
        (
            "extend-exclude = ['old/[ab']",
            '`extend-exclude`: the pattern "old/[ab" matches nothing: `[` is never closed',
        ),
        (
            "per-file-ignores = {'' = ['WB1']}",
            '`per-file-ignores`: the pattern "" matches nothing: it names no file',
        ),
    ],
)
def test_errors(text: str, message: str) -> None:
    error = error_of(text)
    assert error.startswith(f"wandblint.toml: {message}")
    assert "\n" not in error


def test_a_cycle_of_three_files() -> None:
    for name, extended in (("a", "b"), ("b", "c"), ("c", "a")):
        Path(f"{name}.toml").write_text(f'extend = "{extended}.toml"')
    assert error_of('extend = "a.toml"') == (
        "c.toml: `extend` forms a cycle: a.toml extends b.toml extends c.toml extends a.toml"
    )


def test_an_error_names_the_file_that_contains_it() -> None:
    Path("team.toml").write_text("select = 1")
    assert error_of('extend = "team.toml"').startswith("team.toml: `select` is 1")


def test_a_section_that_is_not_a_table() -> None:
    Path("pyproject.toml").write_text("tool.wandblint = true")
    with pytest.raises(
        SettingsError, match=r"^pyproject\.toml: `tool\.wandblint` is true, but must be a table$"
    ):
        load(Path())


def test_a_missing_file() -> None:
    with pytest.raises(SettingsError, match=r"^gone\.toml: cannot be read: no such file or directory$"):
        load(Path(), config=Path("gone.toml"))


def test_bytes_that_are_not_text() -> None:
    Path("wandblint.toml").write_bytes(b'src = ["\xff"]')
    with pytest.raises(SettingsError, match=r"^wandblint\.toml: not valid TOML: "):
        load(Path())


@pytest.mark.parametrize("table", ["select = ['ALL']", "[rules.reinit-bool]\nseverity = 'note'"])
def test_an_allowed_pack_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    monkeypatch.setenv(VARIABLE, "no_such_pack")
    error = error_of(f"plugins = ['no_such_pack']\n{table}")
    assert error.startswith("wandblint.toml: `plugins`: rule pack no_such_pack cannot be imported")


def test_what_needs_a_missing_pack_is_left_out() -> None:
    write_settings("""
        plugins = ["no_such_pack"]
        select = ["OUR001"]
        ignore = ["WB211", "OUR"]
        fixable = ["our-rule"]
        per-file-ignores = {"a.py" = ["WB101", "OUR002"]}
        [rules.our-rule]
        most = 1
        """)
    settings, _ = load(Path())
    assert settings.plugins == settings.select == settings.fixable == []
    # An empty selection would mean the rules that are on by default, and every fix.
    assert (settings.ignore, settings.unfixable) == (["WB211", "ALL"], ["ALL"])
    assert (settings.per_file_ignores, settings.rules) == ({"a.py": ["WB101"]}, {})
    assert settings.problems == [
        "wandblint.toml: `plugins`: rule pack no_such_pack is not loaded: "
        "no package of this name is installed",
        "wandblint.toml: `select`: no loaded rule pack has `OUR001`",
        "wandblint.toml: `ignore`: no loaded rule pack has `OUR`",
        "wandblint.toml: `fixable`: no loaded rule pack has `our-rule`",
        'wandblint.toml: `per-file-ignores."a.py"`: no loaded rule pack has `OUR002`',
        "wandblint.toml: `rules.our-rule`: no loaded rule pack has this rule",
    ]


def test_a_missing_pack_of_an_extended_file() -> None:
    Path("team.toml").write_text('plugins = ["no_such_pack"]\nselect = ["OUR001"]')
    write_settings('extend = "team.toml"\nselect = ["WB2"]')
    settings, _ = load(Path())
    assert settings.select == ["WB2"]
    assert [problem.partition(":")[0] for problem in settings.problems] == ["team.toml"]


def test_rules_of_a_plugin_can_be_configured_in_the_same_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pack = tmp_path / "settings_pack"
    pack.mkdir()
    (pack / "__init__.py").touch()
    (pack / "unnamed_run.py").write_text(
        "from wandblint.findings.finding import Severity\nfrom wandblint.rule import Rule\n"
        'options = {"names": [""], "most": 3, "word": ""}\n'
        'rule = Rule("OUR001", "unnamed-run", Severity.NOTE, "A run", options=options)'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv(VARIABLE, "other_pack, settings_pack")
    head = 'plugins = ["settings_pack"]\nselect = ["OUR"]\n[rules.unnamed-run]\n'
    write_settings(f'{head}names = ["a"]\nmost = 4\nword = "b"')
    assert load(Path())[0].rules == {"unnamed-run": {"names": ["a"], "most": 4, "word": "b"}}
    for line, message in (
        ("names = [1]", "names` is [1], but must be a list of strings"),
        ("most = true", "most` is true, but must be a whole number"),
        ("word = []", "word` is [], but must be a string"),
    ):
        assert error_of(head + line) == f"wandblint.toml: `rules.unnamed-run.{message}"


def test_folders_of_src() -> None:
    Path("lib").mkdir()
    write_settings("src = ['.', './lib/', 'lib/../lib']")
    assert load(Path())[0].src == [".", "./lib/", "lib/../lib"]


def test_only_the_folders_in_force_must_exist() -> None:
    Path("team.toml").write_text("src = ['nowhere']")
    write_settings("extend = 'team.toml'\nsrc = []")
    assert load(Path())[0].src == []
    assert error_of("extend = 'team.toml'").endswith("nowhere is not a folder of the project")


COMMAND_LINE = Origin("command line")


def overlaid(*tables: dict[str, object], replaces: bool = False) -> Settings:
    overlays = [Overlay(COMMAND_LINE, table, replaces) for table in tables]
    return load(Path(), overlays=overlays)[0]


def test_the_command_line_applies_over_the_files() -> None:
    write_settings("ignore = ['WB1']\nexclude = ['a']\nextend-exclude = ['b']\nfixable = ['WB1']")
    settings = overlaid({"exclude": ["c"], "extend-exclude": ["d"]}, {"fixable": ["WB2"], "exclude": ["e"]})
    assert settings == Settings(ignore=["WB1"], exclude=["e"], extend_exclude=["b", "d"], fixable=["WB2"])
    assert load(Path(), isolated=True, overlays=[Overlay(COMMAND_LINE, {"exclude": ["c"]})]) == (
        Settings(exclude=["c"]),
        None,
    )


def test_tables_of_the_command_line() -> None:
    write_settings("per-file-ignores = {'a.py' = ['WB1']}\nrules.reinit-bool.severity = 'note'")
    table = {"per-file-ignores": {"b.py": ["WB2"]}, "rules": {"metric-not-covered": {"strict": True}}}
    merged = overlaid(table)
    assert merged.per_file_ignores == {"a.py": ["WB1"], "b.py": ["WB2"]}
    assert merged.rules == {"reinit-bool": {"severity": "note"}, "metric-not-covered": {"strict": True}}
    assert overlaid(table, replaces=True).per_file_ignores == {"b.py": ["WB2"]}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"selct": ["WB1"]}, "unknown setting `selct`; did you mean `select`?"),
        ({"fixable": ["WBX"]}, "`fixable`: unknown rule `WBX`"),
        ({"exclude": ["[b-a]"]}, '`exclude`: the pattern "[b-a]" matches nothing: '),
        ({"src": ["nowhere"]}, '`src` is ["nowhere"], but nowhere is not a folder of the project'),
        ({"extend": "team.toml"}, "`extend` belongs into a settings file"),
    ],
)
def test_errors_of_the_command_line(table: dict[str, object], message: str) -> None:
    write_settings("src = []")
    with pytest.raises(SettingsError) as caught:
        overlaid(table)
    assert str(caught.value).startswith(f"command line: {message}")


def test_the_command_line_allows_the_packs_that_it_names() -> None:
    write_settings("plugins = ['no_such_pack']")
    with pytest.raises(SettingsError, match=r"rule pack no_such_pack cannot be imported"):
        overlaid({"plugins": ["no_such_pack"], "select": ["ALL"]})
