"""Operations on objects: names, classes, containers, strings, methods. Imports `state` and below."""
