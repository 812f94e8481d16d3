"""A stand-in for the Vonage Messages API: for tests, for `botkit run --dev`, and as a program of its own."""

from botkit.simulator.accepted import Accepted, NoReply
from botkit.simulator.postman import Posted
from botkit.simulator.simulator import Simulator
from botkit.simulator.weather import Weather

__all__ = ["Accepted", "NoReply", "Posted", "Simulator", "Weather"]
