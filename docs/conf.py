"""How the pages of this folder become a site: ``make docs``."""

project = "botkit"
project_copyright = "the botkit founders"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "botkit"
#: Links may lead to any heading down to the third.
myst_heading_anchors = 3
#: Blocks that Pygments has no words for are shown as they are.
suppress_warnings = ["misc.highlighting_failure"]
#: What is on the user's own machine is there only while botkit runs.
linkcheck_ignore = [r"http://127\.0\.0\.1.*", r"http://localhost.*"]
