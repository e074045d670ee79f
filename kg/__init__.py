"""The knowledge graph of on-policy distillation research: everything that makes a release, and the way into one."""

__version__ = "0.1.0"
