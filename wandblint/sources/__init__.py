"""What is on the disk: the files of a project, their text and comments, which wandb it asks for."""
