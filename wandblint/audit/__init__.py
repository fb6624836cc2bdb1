"""From a folder of wandb's logs to a `Record`: `places` finds them, `reading` has wandb read them."""
