"""One module a page: renders frames, emits intents."""
