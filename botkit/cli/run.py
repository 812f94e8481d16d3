"""`botkit run`."""

import asyncio
import logging
from collections.abc import Callable

import click
from aiohttp import web
from attrs import evolve

from botkit.app import App
from botkit.cli.options import DEFAULT_CONFIG, configuration
from botkit.config import Configuration
from botkit.monitoring import LogObserver, Metrics, configure_logging, observers
from botkit.serving import bind, serve
from botkit.settings import Settings
from botkit.simulator import Simulator
