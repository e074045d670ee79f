"""Query engines behind one small interface (base.py). Worker processes import this package: it must stay empty."""
