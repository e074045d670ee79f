"""The ontology, taxonomy, rules, shapes and JSON-LD context: ``importlib.resources.files("ontology") / "opd.ttl"``."""
