"""Programs that write a config or read a summary under a test of it. wandb refuses none of their writes."""

from __future__ import annotations

CONFIG_PROGRAMS = {
    "a config key that is asked for": """import wandb

run = wandb.init(config={"lr": 0.1, "name": "a", "flag": True})
if "lr" not in run.config:
    run.config["lr"] = 0.5
if run.config.get("name") is None:
    run.config["name"] = "b"
if not hasattr(run.config, "flag"):
    run.config.flag = False
if run.config.lr < 0:
    run.config["lr"] = 0.2
if run.config["name"] == "auto":
    run.config.update({"name": "c"})
if "lr" in wandb.config.keys() and wandb.config.lr > 5:
    wandb.config["lr"] = 5
"lr" in run.config or run.config.update({"lr": 0.3})
""",
    "defaults of a config": """import wandb

defaults = {"lr": 0.2, "epochs": 3}
wandb.init(config={"lr": 0.1})
for key, value in defaults.items():
    if key not in wandb.config:
        wandb.config[key] = value
for key, value in {"lr": 0.3, "epochs": 4}.items():
    if key in wandb.config.keys():
        continue
    wandb.config[key] = value
""",
    "defaults of a config, by helpers": """import contextlib
import wandb

def by_test(cfg, key, value):
    if key in cfg:
        return
    cfg[key] = value

def by_error(cfg, key, value):
    try:
        cfg[key]
    except KeyError:
        cfg[key] = value

def by_return(cfg, key, value):
    try:
        return cfg[key]
    except KeyError:
        pass
    cfg[key] = value

def by_suppression(cfg, key, value):
    with contextlib.suppress(KeyError):
        return cfg[key]
    cfg[key] = value

def by_flag(cfg, is_missing, value):
    if is_missing:
        cfg["lr"] = value

def lacks(cfg, key):
    return key not in cfg

run = wandb.init(config={"lr": 0.1})
by_test(run.config, "lr", 0.2)
by_error(run.config, "lr", 0.3)
by_return(run.config, "lr", 0.4)
by_suppression(run.config, "lr", 0.5)
by_flag(run.config, "lr" not in run.config, 0.6)
by_flag(run.config, is_missing=lacks(run.config, "lr"), value=0.7)
cfg = run.config
if lacks(cfg, "lr"):
    cfg["lr"] = 0.8
""",
    "a config that is asked before": """import wandb

run = wandb.init(config={"lr": 0.1})
present = set(run.config.keys())
if "lr" not in present:
    run.config["lr"] = 0.2
has_lr = "lr" in run.config
if not has_lr:
    run.config["lr"] = 0.3
lr = run.config.get("lr")
if lr is None:
    run.config["lr"] = 0.4
missing = [key for key in ("lr", "epochs") if key not in present]
for key in missing:
    run.config[key] = 5
if (momentum := dict(run.config).get("momentum", 0.1)) != 0.1:
    run.config["lr"] = momentum
match run.config["lr"]:
    case 0.5:
        run.config["lr"] = 0.6
""",
    "a tracker that asks its config": """import wandb

class Tracker:
    def __init__(self):
        self.run = wandb.init(config={"lr": 0.1})
        self.settings = self.run.config
        self.is_new = "lr" not in self.settings

    def has(self, key):
        return key in self.settings

    def default(self, key, value):
        if not self.has(key):
            self.settings[key] = value

    def replace(self, value):
        if self.is_new:
            self.run.config["lr"] = value

tracker = Tracker()
tracker.default("lr", 0.2)
tracker.replace(0.3)
if not tracker.has("lr"):
    tracker.run.config["lr"] = 0.4
""",
    "a config key that is missing, after a try": """import wandb

def default(cfg, key, value):
    try:
        return cfg[key]
    except KeyError:
        pass
    cfg[key] = value

with wandb.init(config={"lr": 0.1}) as run:
    default(run.config, "lr", 0.2)
with wandb.init(config={"lr": 0.1}) as run:
    try:
        run.config["momentum"]
    except KeyError:
        pass
    else:
        run.config["lr"] = 0.3
with wandb.init(config={"lr": 0.1}) as run:
    try:
        run.config["momentum"]
        run.config["lr"] = 0.3
    except KeyError:
        pass
""",
    "a flag that tells what a config lacks": """import wandb

def set_if(cfg, is_missing, value):
    if is_missing:
        cfg["lr"] = value

def lacks(cfg, key):
    return key not in cfg

with wandb.init(config={"lr": 0.1}) as run:
    set_if(run.config, is_missing=lacks(run.config, "lr"), value=0.2)
with wandb.init(config={"lr": 0.1}) as run:
    cfg = run.config
    if lacks(cfg, "lr"):
        cfg["lr"] = 0.3
""",
    "defaults below the config": """import wandb

with wandb.init(config={"lr": 0.1}) as run:
    values = {"lr": 0.2, "epochs": 3}
    values.update(run.config)
    run.config.update(values)
with wandb.init(config={"lr": 0.1}) as run:
    run.config.update({"lr": 0.2, "epochs": 3, **run.config})
with wandb.init(config={"lr": 0.1}) as run:
    run.config.update({k: v for k, v in {"lr": 0.2, "epochs": 3}.items() if k not in run.config})
""",
    "a config without some keys": """import wandb

with wandb.init(config={"lr": 0.1, "x": 1}, config_exclude_keys=["lr"]) as run:
    run.config["lr"] = 0.2
with wandb.init(config={"lr": 0.1, "x": 1}, config_include_keys=["x"]) as run:
    run.config["lr"] = 0.2
options = {"config_exclude_keys": ["lr"]}
with wandb.init(config={"lr": 0.1, "x": 1}, **options) as run:
    run.config["lr"] = 0.2
""",
    "an error of the config that is expected": """import wandb
from wandb.sdk.lib.config_util import ConfigError

def change(run):
    run.config["lr"] = 0.3

run = wandb.init(config={"lr": 0.1})
try:
    run.config["lr"] = 0.2
except wandb.sdk.lib.config_util.ConfigError:
    pass
try:
    change(run)
except (ConfigError, ValueError):
    pass
""",
    "a config that is passed to init": """import wandb

wandb.config = {"lr": 0.1}
run = wandb.init(config=wandb.config)
assert run.config["lr"] == 0.1
""",
    "a config that is passed to init by a helper": """import wandb

def start():
    values = dict(wandb.config)
    return wandb.init(config=values)

wandb.config = {"lr": 0.1}
assert start().config["lr"] == 0.1
""",
    "a summary that is asked before": """import wandb

run = wandb.init()
run.log({"loss": 0.5})
keys = set(run.summary.keys())
if "accuracy" in keys:
    print(run.summary["accuracy"])
has_accuracy = "accuracy" in run.summary.keys()
if has_accuracy:
    print(run.summary["accuracy"])
""",
}
"""The programs, by what they do."""
