"""The ways findings reach a reader: for people, for editors, for programs and for the services of CI."""
