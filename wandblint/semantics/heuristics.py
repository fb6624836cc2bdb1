"""All heuristics about names, each with the false alarm that it avoids or risks.

Names prove nothing. A heuristic may silence any claim, but makes one only where its docstring says so.
"""

from __future__ import annotations

import re

# --- what is a run ---

RUN_NAME_STRICT = re.compile(r"(^|[._])(run|wb|wandb\w*|\w*_run|\w*wandb)$", re.IGNORECASE)
"""An unknown receiver of this name is a run where its `log` gets a row. It makes claims: a project that
calls its own logger `run` may get false alarms."""

RUN_NAME_LOOSE = re.compile(r"(^|[._])(run|wb|wandb)([._]|$)|wandb", re.IGNORECASE)
"""In a branch that never runs (WB110), a variable of this name is used as a run where `log` or `finish` is
called on it. Looser than the strict pattern, since the variable is known to be None."""

RUN_RECEIVER = re.compile(r"(^|[._])(wandb|wb|(\w*_)?run)$")
"""The text of a log call's receiver where no entry point reaches the call. It only decides what else the
analysis runs: a wrong match costs time."""

RUN_ONLY_METHODS = frozenset(
    {"define_metric", "watch", "unwatch", "alert", "mark_preempting", "log_code"}
    | {"log_artifact", "use_artifact", "log_model", "link_model", "use_model"}
)
"""Methods that only wandb's runs have: what they are called on is used as a run (WB110)."""

# --- what logs ---

ROW_METHODS = frozenset({"log", "log_dict", "log_metrics"})
"""A method of an unknown receiver that gets a dictionary may log a row. Such a row silences claims; it
makes them only on a receiver that is a run by `RUN_NAME_STRICT`."""

PAIR_METHODS = frozenset({"log", "log_metric", "add_scalar"})
"""A method of an unknown receiver that gets a name and a value may log them: `writer.add_scalar("loss",
x)`. Only silences."""

LOGGING_SEEDS = frozenset({"define_metric", "log_metrics", "log_dict", "add_scalar", "get_tracker"})
"""Methods that reach a run through whatever front end: code that mentions them is followed."""

RUN_WORDS = frozenset({"run", "_run"})
"""Code that mentions one of these and `log` is followed."""

QUESTION_NAMES = re.compile(r"^_?(is|has|use|check|require)_|available|version|enabled|installed|^[A-Z_]+$")
"""Names that contain `wandb` and only say whether it is available or how it is set up: they log nothing, so
code that mentions only these is not followed."""

LOGGER_NAMES = re.compile(r"log|track|record|report|write|metric|wandb", re.IGNORECASE)
"""A function of this name is there to log, so that its unused `step` is a mistake (WB307). A function that
trains may have an `epoch` for other reasons: without such a name WB307 stays silent."""

OTHER_LOGGERS = re.compile(
    r"(^|\.)(add_(scalars?|histogram|images?|figure|text|video|audio)|report_scalar)$|^(mlflow|tf\.summary)\."
)
"""What a step may be passed to without a way to wandb: TensorBoard's writer, ClearML, MLflow (WB307). A
library that has such a method and logs to wandb gives a false alarm."""

CALLBACK_NAMES = re.compile(r"^on_|^__|callback|hook", re.IGNORECASE)
"""A framework calls such a function and chooses its parameters: WB307 stays silent."""

HIDING_ERRORS = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex"})
"""The last words of context managers whose block an error may end, after which the code continues."""

# --- what closes a run ---

CLOSING_METHODS = re.compile(
    r"finish|teardown|shut_?down|(^|_)(close|end|stop|exit|final|finalize|clean_?up)(_|$)"
)
"""A method of this name may close the run, whatever it is called on: WB102 stays silent after it."""

RETRY_WORDS = re.compile(r"attempt|retr(y|ies)|\btr(y|ies)", re.IGNORECASE)
"""A loop over such things iterates again only after a failure: WB102 stays silent."""

FIRST_ITERATION_WORDS = re.compile(r"None|run\b|init|first|start|open|active", re.IGNORECASE)
"""A condition in such words may hold in one iteration only: WB102 stays silent about inits under it."""

# --- what code does to its arguments ---

MUTATING_METHODS = frozenset(
    {"append", "appendleft", "extend", "insert", "add", "update", "setdefault", "__setitem__", "setattr"}
    | {"pop", "popitem", "remove", "discard", "clear"}
    | {"log", "log_metrics", "log_dict", "add_scalar", "define_metric", "finish", "init_process_group"}
)
"""Methods that change their receiver or report to wandb: the analysis never defers calls of them. A method
that is missing here runs when its receiver is needed."""

READ_ONLY_METHODS = frozenset(
    {"append", "extend", "add", "update", "put", "send", "write", "writerow", "save", "dump", "dumps"}
    | {"log", "info", "debug", "warning", "error", "exception", "print", "set_postfix", "print_metrics"}
    | {"log_metrics", "log_dict", "log_hyperparams", "add_scalars", "record", "report"}
)
"""Methods of unknown objects that only read a dictionary argument. Any other method may add keys to it. A
listed method that adds keys nevertheless makes an incomplete row look complete."""

READ_ONLY_LIBRARIES = (
    "builtins.",
    "logging.",
    "wandb.",
    "os.",
    "time.",
    "json.",
    "pprint.",
    "unittest.mock.",
)
"""Libraries that log nothing to a run argument. Any other library may log to it."""

UNCHANGING_LIBRARIES = (
    *READ_ONLY_LIBRARIES,
    *("torch.", "numpy.", "jax.", "tensorflow.", "pandas.", "scipy.", "sklearn.", "matplotlib."),
    *("yaml.", "pickle.", "tqdm.", "rich.", "tabulate.", "re.", "math.", "statistics.", "collections."),
    *("typing.", "inspect.", "sys.", "warnings.", "loguru.", "omegaconf.", "accelerate.", "transformers."),
)
"""Libraries whose functions change no dictionary or list that they get. One that does nevertheless makes an
incomplete row look complete. Any other library may add keys."""

KNOWN_TO_LIBRARIES = ("__", "on_")
"""What the methods begin with that a library calls although the class does not derive from one of its own. A
library that calls another one may log a row that is not predicted."""

PLAIN_BASES = frozenset(
    {"object", "ABC", "Generic", "Protocol", "Enum", "IntEnum", "StrEnum", "NamedTuple", "TypedDict", "type"}
    | {"Exception", "ValueError", "RuntimeError", "dict", "list", "str", "int", "float", "tuple"}
)
"""Base classes that call no method that a class adds. One that does hides what that method logs."""

_FROM_DATA = frozenset({"from_dict", "from_json", "from_yaml", "from_toml", "load", "loads", "schema_load"})
_MODELS = frozenset({"BaseModel", "BaseSettings"})

FILLING_METHODS = {
    **dict.fromkeys(
        ("model_validate", "model_validate_json", "parse_obj", "parse_raw", "parse_file"), _MODELS
    ),
    **dict.fromkeys(
        _FROM_DATA,
        frozenset({"DataClassJsonMixin", "dataclass_json", "DataClassDictMixin", "DataClassJSONMixin"})
        | {"JSONWizard", "YAMLWizard", "TOMLWizard", "JSONSerializable", "Serializable"},
    ),
}
"""Methods of pydantic, dataclasses-json, mashumaro, dataclass-wizard and simple-parsing that make instances,
each with the bases and decorators that add them. A base of that name whose method makes something else gives
a false alarm."""

READS_ENVIRONMENT = frozenset({"BaseSettings"})
"""Bases whose instances read their fields from the environment, whatever their defaults are."""

# --- whose method is called ---

MAX_CANDIDATES = 3
"""A method that at most this number of project classes define identifies its receiver."""

COMMON_METHODS = frozenset(
    {"init", "setup", "start", "run", "step", "stop", "reset", "finish", "close"}
    | {"log", "info", "write", "record", "save", "add", "update"}
)
"""Names that any object may have: a call of one says nothing about its receiver, so no claim rests on it."""

COMMON_SPECIAL_METHODS = frozenset(
    {"", "__init__", "__call__", "__enter__", "__exit__", "__post_init__", "__setattr__", "__getattr__"}
)
"""Names that say nothing about whether a call reaches wandb."""

# --- processes ---

RANK_WORDS = (
    *("rank", "main_process", "is_main", "ismain", "master", "world_size", "worldsize", "is_root"),
    *("process_index", "process_id", "is_chief", "is_leader", "is_global_zero", "is_primary"),
    *("num_processes", "world_process", "local_zero", "is_logger", "should_log", "is_coordinator"),
    *("process_zero", "local_process", "host_id", "get_device_count", "procid", "localid"),
)
"""A test whose lower-case text contains one of these is a rank check, so WB502 stays silent. They are the
words of torch.distributed, jax, accelerate, Lightning, Ray, DeepSpeed and of projects that wrap them. `rank`
of a matrix silences too much."""

PROCESS_COUNT_WORDS = frozenset({"world_size", "worldsize", "num_processes", "get_device_count"})
"""Those that say how many processes there are: a number computed with nothing but these is the same on every
process, so a test of it is no rank check. A rank computed from them gives a false alarm."""

RANK_WHOLE_WORDS = ("main", "primary")
"""The same, but as whole words: `maintain` is no rank check."""

NODE_RANK_WORD = re.compile(
    r"\w*local_?(rank|main|master|zero|host|process(?!es))\w*|SLURM_LOCALID", re.IGNORECASE
)
"""A word that names the rank within a node. A test with such words and no other rank word holds once per node
(WB510). A project that hides a global rank under such a name gets a false alarm."""

SEVERAL_NODES = (
    r"\b(SLURM_(JOB_)?(NUM_NODES|NNODES|NODELIST|NODEID)|GROUP_RANK|GROUP_WORLD_SIZE|NODE_RANK"
    r"|MASTER_ADDR|n_?nodes|num_nodes|node_rank|num_machines|machine_rank)\b"
)
"""Code that matches this expects several nodes, so that WB510 is a warning; elsewhere it is a note."""

ONE_NODE = (
    r"--standalone\b|\b(n_?nodes|num_nodes|num_machines)\s*=\s*[\"']?1\b(?![:.\d])"
    r"|--(nnodes|num_machines)[\"', =]+1\b(?![:.\d])|(://|MASTER_ADDR\W+)(localhost|127\.0\.0\.1)"
)
"""Code that matches this says that the job is a single node, unless told otherwise: WB510 stays silent."""

SPAWNS_ON_ONE_NODE = r"\b(mp|multiprocessing)\.(spawn|start_processes|Process)\("
"""Code that starts its processes itself does so on one node, unless it says more about nodes."""

TELLS_NODES_APART = re.compile(r"hostname|\bnode", re.IGNORECASE)
"""An init with such an argument opens one run per node on purpose: WB502 and WB510 stay silent."""

HARMLESS_DECORATORS = re.compile(
    r"regist|command|route|setter|getter|deleter|option|argument|overrid|overload|profil|timer?\b|timed|cache|"
    r"jit|compile|grad|deprecat|record|retry|typed|typecheck|abstract|property|method$|context_?manager|hydra"
)
"""A decorator of such a name runs the function on every process that calls it. Any other decorator whose
source is not seen may test the rank, so WB502 stays silent. A listed one that does gives a false alarm."""

REGISTERING = re.compile(r"regist", re.IGNORECASE)
"""A decorator of such a name puts what it decorates into a registry, where other files find it: the import of
its file counts as a use. Under another name, what is registered is not found there."""

HARMLESS_DECORATOR_LIBRARIES = (
    *("builtins.", "functools.", "contextlib.", "abc.", "typing.", "typing_extensions.", "dataclasses."),
    *("asyncio.", "unittest.", "pytest.", "hydra.", "click.", "typer.", "tyro.", "draccus.", "pyrallis."),
    *("gin.", "sacred.", "absl.", "fire.", "jsonargparse.", "torch.", "tensorflow.", "jax.", "flax."),
    *("equinox.", "numba.", "numpy.", "wandb.", "chex.", "beartype.", "jaxtyping.", "attr.", "attrs."),
    *("pydantic.", "tenacity.", "tqdm.", "transformers.", "datasets.", "modal.", "prefect.", "optuna."),
    "loguru.",
)
"""The same of decorators by library; one whose own name asks for the rank counts as a test nevertheless."""

ENTRY_DECORATORS = frozenset({"hydra.main"})
"""Decorators of libraries that run the function on every process, although they read like rank checks."""

CALLBACK_STARTERS = re.compile(
    r"spawn|Process|process|launch|run|main|Fire|CLI|cli|Thread|submit|map|call|apply|start|execut|command|dispatch"
)
"""An external of such a name calls the function that it gets. Any other may wrap it and test the rank, like a
decorator applied by hand, so WB502 stays silent. A wrapper of such a name gives a false alarm."""

OTHER_COORDINATION = (
    *("@ray.remote", "WANDB_MODE", "WANDB_DISABLED", "WANDB_SWEEP_ID", "sagemaker"),
    *(rf"{word} ray\b(?<!\w{word} ray)" for word in ("import", "from")),
)
"""A file that matches one of these decides in other ways which process logs, so WB502 stays silent. A pattern
that starts with its letters matches much faster than one that starts with a boundary."""

# --- keys ---

STEP_NAME = re.compile(
    r"((global|train|training|current|cur|env|total)_?)?"
    r"(step|iter|iteration|epoch|timestep)(_?(num|number|idx|id|count))?"
)
"""A parameter or key of this name (whole) says where on the x-axis a row belongs (WB307, advice of
WB202)."""

COUNTER_NAME = re.compile(
    r"(^|_)(i|j|k|n|it|idx|index|step|epoch|iter|iteration|batch|episode|count|counter|round|number)$"
)
"""A parameter or attribute of this name counts: a comparison of it (`self.step >= self.end`) may hold in one
iteration only, so WB303 stays silent about log calls under it."""

SETTINGS_NAME = re.compile(
    r"(^|[._])(args|arguments|opts?|options|flags|cfg|conf|config|configuration|settings|hparams|hps|params)$",
    re.IGNORECASE,
)
"""An object of this name holds settings, which stay as they are while the loops run (WB302, WB303). A loop
that changes them in other functions gives a false alarm."""

COUNTER_WORDS = frozenset(
    {"epoch", "epochs", "step", "steps", "global_step", "iteration", "iter", "episode", "batch", "time"}
)
"""Last words of keys that count: logged next to an axis they are a second axis, not a forgotten metric
(WB201)."""
