"""Crash points, a history, and a checker: the proof that nothing is lost and nothing happens twice.

A process that serves a bot is killed at points of its way (`chaos.points`), started again, and left to finish. What
happened is written down at the edges, by those who send webhooks and by those who take replies, and a checker decides
(`chaos.checker`), as Jepsen does it: https://github.com/jepsen-io/jepsen.
"""
