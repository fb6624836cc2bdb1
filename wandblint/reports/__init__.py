"""The ways findings reach a reader: `text` for people, `concise` for editors, `json_report` for programs."""
