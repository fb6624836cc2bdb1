"""Programs of the kinds about which `charts` was once wrong. They run offline; the record is the judge."""

from __future__ import annotations

PLOTS = {
    "a line": """
        import wandb
        run = wandb.init()
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"curve": wandb.plot.line(table, "x", "y")})
        """,
    "names with holes, imported functions": """
        import os
        import wandb
        from wandb.plot import bar
        from wandb.plot.scatter import scatter
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        with wandb.init() as run:
            for name in os.environ.get("NAMES", "a b").split():
                run.log({f"{name}/bar": bar(table, "x", "y"), f"{name}/dots": scatter(table, "x", "y")})
        """,
    "nested in a dictionary": """
        import wandb
        def charts(table):
            return {"left": wandb.plot.histogram(table, "x"), "count": 1}
        run = wandb.init()
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"charts": charts(table)})
        """,
    "a chart or a number": """
        import os
        import wandb
        def summary(table, draw):
            return wandb.plot.line(table, "x", "y") if draw else 0
        run = wandb.init()
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"always": 1, "either": summary(table, os.environ.get("DRAW"))})
        run.log({"drawn": summary(table, os.environ.get("PATH"))})
        """,
    "split tables": """
        import os
        import wandb
        run = wandb.init()
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"split": wandb.plot.line(table, "x", "y", split_table=True)})
        run.log({"by/place": wandb.plot.bar(table, "x", "y", "title", True)})
        run.log({"perhaps": wandb.plot.bar(table, "x", "y", split_table=bool(os.environ.get("SPLIT")))})
        """,
    "other functions": """
        import wandb
        run = wandb.init()
        table = wandb.Table(columns=["x", "y"], data=[[1, 2]])
        run.log({"series": wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], keys=["a", "b"])})
        run.log({"matrix": wandb.plot.confusion_matrix(y_true=[0, 1], preds=[0, 1], class_names=["a", "b"])})
        run.log({"custom": wandb.plot_table("a/b", table, {"x": "x"})})
        run.log({"as_is": wandb.visualize("a/b", table)})
        run.log({"table": wandb.plot.line(table, "x", "y").table})
        """,
}
SECOND_INITS = {
    "returned by a helper": """
        import wandb
        def setup(project):
            wandb.init(project=project)
        def main():
            wandb.init()
            setup("p")
            wandb.log({"loss": 1})
            wandb.finish()
        main()
        """,
    "two functions one after the other": """
        import wandb
        def first():
            wandb.init(project="a")
            wandb.log({"a": 1})
        def second():
            run = wandb.init(project="b")
            run.log({"b": 1})
            run.finish()
        first()
        second()
        """,
    "finished between": """
        import wandb
        def first():
            wandb.init(project="a")
            wandb.log({"a": 1})
            wandb.finish()
        def second():
            run = wandb.init(project="b")
            run.log({"b": 1})
        first()
        second()
        """,
    "finished by the name that the second init gave": """
        import wandb
        first = wandb.init()
        second = wandb.init()
        second.log({"a": 1})
        second.finish()
        third = wandb.init()
        third.log({"b": 1})
        """,
    "create_new": """
        import wandb
        first = wandb.init()
        second = wandb.init(reinit="create_new")
        first.log({"a": 1})
        second.log({"b": 1})
        wandb.log({"c": 1})
        """,
    "finish_previous": """
        import wandb
        first = wandb.init()
        first.log({"a": 1})
        second = wandb.init(reinit="finish_previous")
        second.log({"b": 1})
        """,
    "return_previous in a with": """
        import wandb
        with wandb.init() as outer:
            inner = wandb.init(reinit="return_previous", config={"lr": 1})
            inner.log({"inner": 1})
            outer.log({"outer": 1})
        """,
    "after create_new": """
        import wandb
        first = wandb.init()
        second = wandb.init(reinit="create_new")
        third = wandb.init()
        third.log({"c": 1})
        first.log({"a": 1})
        """,
    "a run that settings create anew": """
        import wandb
        first = wandb.init()
        second = wandb.init(settings=wandb.Settings(reinit="create_new"))
        first.log({"a": 1})
        second.log({"b": 1})
        """,
}
HEADINGS = {
    "a try that certainly raises": """
        import wandb
        run = wandb.init()
        try:
            raise ValueError("x")
        except ValueError:
            run.log({"err": 1})
        else:
            run.log({"never": 1})
        run.log({"end": 1})
        """,
    "a branch that never runs": """
        import wandb
        DEBUG = False
        def main():
            run = wandb.init()
            if DEBUG:
                run.log({"debug": 1})
            run.log({"loss": 1})
        main()
        """,
    "a thread": """
        import threading
        import wandb
        class Worker(threading.Thread):
            def __init__(self, run):
                super().__init__()
                self.target_run = run
            def run(self):
                self.target_run.log({"worker": 1})
        run = wandb.init()
        worker = Worker(run)
        worker.start()
        worker.join()
        run.log({"main": 1})
        """,
    "a sequence": """
        import wandb
        class Data:
            def __init__(self):
                self.run = wandb.init()
            def __getitem__(self, index):
                if index > 2:
                    raise IndexError
                self.run.log({"index": index})
                return index
        for item in Data():
            pass
        """,
    "a method that nobody calls": """
        import wandb
        class Trainer:
            def __init__(self):
                self.run = wandb.init()
            def train(self):
                self.run.log({"loss": 1})
            def unused(self):
                self.run.log({"unused": 1})
        Trainer().train()
        """,
    "code after a return": """
        import wandb
        def main():
            run = wandb.init()
            run.log({"loss": 1})
            return
            run.log({"never": 1})
        if __name__ == "__main__":
            main()
        """,
}
STUBS = {
    "imported before init": """
        from wandb import init, log
        init(project="p")
        log({"loss": 1})
        """,
    "bound before init": """
        import wandb
        log = wandb.log
        run = wandb.init()
        run.log({"before": 1})
        for step in range(3):
            log({"loss": step})
        wandb.log({"after": 1})
        """,
    "bound to an attribute before init": """
        import wandb
        class Trainer:
            def __init__(self):
                self.log = wandb.log
                self.run = wandb.init()
            def train(self):
                self.run.log({"start": 1})
                self.log({"loss": 1})
        Trainer().train()
        """,
    "a definition": """
        import wandb
        from wandb import define_metric
        run = wandb.init()
        run.log({"loss": 1})
        define_metric("loss", step_metric="epoch")
        run.log({"loss": 2, "epoch": 1})
        """,
    "an attribute of the config": """
        import wandb
        from wandb import config
        wandb.init(config={"lr": 1})
        wandb.log({"start": 1})
        lr = config.lr
        wandb.log({"lr": lr})
        """,
    "the error is handled": """
        import wandb
        from wandb import log
        run = wandb.init()
        try:
            log({"lost": 1})
        except wandb.Error:
            run.log({"loss": 1})
        """,
    "bound after init": """
        import wandb
        wandb.init()
        from wandb import log
        log({"loss": 1})
        """,
    "bound in a function that runs after init": """
        import wandb
        def train():
            from wandb import log
            log({"loss": 1})
        def main():
            wandb.init()
            train()
        main()
        """,
    "init and finish work at any time": """
        from wandb import finish, init
        import wandb
        init()
        wandb.log({"a": 1})
        finish()
        with init() as run:
            run.log({"b": 1})
        """,
}
