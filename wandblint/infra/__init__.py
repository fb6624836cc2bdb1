"""Infrastructure without domain knowledge: cache file, processes, stack. Imports only `span`."""
