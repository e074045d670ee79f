"""One ``.rq`` file per competency question, headed by title and tags: ``importlib.resources.files("queries")``."""
