"""How sure we are: pure functions on small frozen summaries, each named after its statistic.

No database, no catalogue, no orchestrator. Every function answers with a
:data:`~pipelines.estimators.result.Result`: an estimate with its interval, or a
code that says why there is none.
"""
