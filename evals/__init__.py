"""Quality over a folder of labelled sets, beside plain methods: ``python -m evals quality``."""
